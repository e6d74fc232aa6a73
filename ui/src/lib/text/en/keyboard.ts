import type { LocalKey, Shortcut } from '../../shortcuts';

/** Descriptions of the keys for the list of shortcuts. */
export const keyboardTexts = {
  shortcuts: 'Keyboard shortcuts',
  /** Shortcuts that work in the whole window. */
  shortcutNames: {
    jump: 'Jump to a person, a conversation or a command',
    find: 'Search this conversation',
    findEverywhere: 'Search all conversations',
    previous: 'Previous conversation',
    next: 'Next conversation',
    previousUnread: 'Previous unread conversation',
    nextUnread: 'Next unread conversation',
    newMessage: 'New message',
    newGroup: 'New group',
    attach: 'Attach files',
    undo: 'Undo the last deletion, or marking as read',
    settings: 'Settings',
    status: 'Set your status',
    lock: 'Lock',
    shortcuts: 'Keyboard shortcuts',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    zoomReset: 'Reset zoom',
    escape: 'Close; then mark as read',
  } satisfies Record<Shortcut, string>,
  /** Keys in the composer and the timeline. */
  localKeyNames: {
    send: 'Send, as set; in a code block, a new line',
    sendAlways: 'Send',
    newLine: 'New line',
    editLast: 'In an empty composer: edit your last message',
    move: 'In the timeline: move between messages',
    profile: 'On a message: open the profile of its sender',
    saveFile: 'On a picture or a file: save it',
    copyPicture: 'On a picture in full view: copy it',
    edit: 'On a message of yours: edit',
    copy: 'On a message: copy its text',
    reply: 'On a message: reply',
    react: 'On a message: react',
    pin: 'On a message: pin or unpin',
    save: 'On a message: save for later',
    forward: 'On a message: forward',
    markUnread: 'On a message: mark as unread from here',
    copyLink: 'On a message: copy its link',
    select: 'On a message: select; then on others',
    delete: 'On a message of yours: delete',
  } satisfies Record<LocalKey, string>,
  tab: 'Tab',
  /** The action of a button, and the key that does the same. */
  withKey: ({ name, key }: { name: string; key: string }) => `${name} (${key})`,
};
