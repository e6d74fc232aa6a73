import { isolated } from '../../direction';
import { count, written } from '../numbers';

/** Of conversations: their list, who is in them, and how one begins. */
export const ofConversations = {
  jump: 'Jump or search',
  jumpEmpty: 'Nothing of that name. Enter searches all messages.',
  direct: 'Direct messages',
  groups: 'Groups',
  left: 'Left',
  pinnedSection: 'Pinned',
  away: 'Archived',
  unreadCount: ({ n }: { n: number }) =>
    count(n, { one: 'unread message', other: 'unread messages' }),
  markedUnread: 'marked as unread',
  /** More than can be shown. */
  moreThan: ({ n }: { n: number }) => `${written(n)}+`,
  conversationMenu: 'Conversation menu',
  pinOnTop: 'Pin on top of the list',
  unpinFromTop: 'Do not pin any more',
  mute: { hour: 'Mute for an hour', tomorrow: 'Mute until tomorrow', ever: 'Mute for ever' },
  unmute: 'Unmute',
  markUnread: 'Mark as unread',
  unmarkUnread: 'Do not mark as unread',
  hide: 'Put away until something is said',
  unhide: 'Put back into the list',
  archive: 'Archive the group',
  unarchive: 'Open the group again',
  isArchived: 'This group is archived: it can be read and no more.',
  topic: 'Topic',
  removal: 'Who is removed from the group keeps',
  removals: {
    keep: 'what was said until then, to read',
    purge: 'nothing: it is deleted on their devices',
  },
  editDetails: 'Edit title and topic',
  /** What became of somebody who reads nothing any more. */
  states: { deactivated: 'deactivated', erased: 'erased' },
  nobodyReads: {
    deactivated: ({ name }: { name: string }) =>
      `${isolated(name)} cannot sign in any more. Nobody will read what you write here.`,
    erased: (_: { name: string }) =>
      'This account was erased. Nobody will read what you write here.',
  },
  roles: { owner: 'owner', administrator: 'administrator', member: 'member' },
  manageMember: ({ name }: { name: string }) => `Manage ${isolated(name)}`,
  makeAdministrator: 'Make administrator',
  makeMember: 'Make member',
  handOver: 'Hand the group over',
  removeMember: 'Remove from the group',
  noConversations: 'No conversations yet. Start one with Ctrl+N.',
  pickConversation: 'Choose a conversation, or start one with Ctrl+N.',
  cannotWrite: 'You left this conversation. You can read what was said while you were in it.',
  notOnePerson: ({ name, n }: { name: string; n: number }) =>
    n === 0
      ? `Nobody is called ${isolated(name)}.`
      : `${written(n)} people are called something like ${isolated(name)}. Type the whole name.`,
  members: 'Members',
  memberCount: ({ n }: { n: number }) => count(n, { one: 'member', other: 'members' }),
  addMember: 'Add a person',
  leave: 'Leave group',
  leaveSure: ({ title }: { title: string }) =>
    `Leave ${isolated(title)}? What was said stays readable here.`,
  newMessage: 'New message',
  newGroup: 'New group',
  person: 'Person',
  people: 'People',
  personHint: 'Type a name',
  nobody: 'Nobody of that name.',
  /** Takes a person out of those who were chosen. */
  removePerson: ({ name }: { name: string }) => `Delete ${isolated(name)}`,
  title: 'Title',
  create: 'Create',
};
