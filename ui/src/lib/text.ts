/** The message catalogue: every sentence that the window shows. Plain, short, sentence case. */
import type { ErrorCode } from '../ipc';
import { isolated } from './direction';

let made: Intl.NumberFormat | undefined;
/** "1,297,822". What writes it is made for the first that is long enough, since that takes milliseconds. */
const written = (n: number) =>
  n < 1000 ? String(n) : (made ??= new Intl.NumberFormat('en')).format(n);

/** "1 message", "2 messages", "1,297,822 messages". */
export const count = (n: number, one: string, many: string) =>
  `${written(n)} ${n === 1 ? one : many}`;

/** "wren, oak". */
const listed = (names: string[]) => names.map(isolated).join(', ');

/** More messages than a conversation can have. */
const NO_LIMIT = 2 ** 32;

export const text = {
  app: 'Parlour',
  jump: 'Jump or search',
  jumpEmpty: 'Nothing of that name. Enter searches all messages.',
  direct: 'Direct messages',
  groups: 'Groups',
  left: 'Left',
  pinnedSection: 'Pinned',
  away: 'Archived',
  markedUnread: 'marked as unread',
  conversationMenu: 'Conversation menu',
  pinOnTop: 'Pin on top of the list',
  unpinFromTop: 'Do not pin any more',
  mute: { hour: 'Mute for an hour', tomorrow: 'Mute until tomorrow', ever: 'Mute for ever' },
  unmute: 'Unmute',
  markUnread: 'Mark as unread',
  markUnreadFrom: 'Mark as unread from here',
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
    deactivated: (name: string) =>
      `${isolated(name)} cannot sign in any more. Nobody will read what you write here.`,
    erased: () => 'This account was erased. Nobody will read what you write here.',
  },
  roles: { owner: 'owner', administrator: 'administrator', member: 'member' },
  manageMember: (name: string) => `Manage ${isolated(name)}`,
  makeAdministrator: 'Make administrator',
  makeMember: 'Make member',
  handOver: 'Hand the group over',
  removeMember: 'Remove from the group',
  pinnedPanel: 'Pinned',
  pinnedEmpty: 'Nothing is pinned here yet. P on a message pins it.',
  savedPanel: 'Saved messages',
  savedEmpty: 'Nothing is saved yet. S on a message saves it for later.',
  noConversations: 'No conversations yet. Start one with Ctrl+N.',
  pickConversation: 'Choose a conversation, or start one with Ctrl+N.',
  noMessages: 'Nothing has been said here yet. Write the first message.',
  beginning: 'This is where the conversation begins.',
  olderMissing: 'Older messages are still being fetched.',
  olderOffline:
    'Older messages are not on this computer yet. They will be fetched when the server answers.',
  newMessages: 'New',
  newCount: (n: number) => count(n, 'new message', 'new messages'),
  newBelow: (n: number) => count(n, 'new message below', 'new messages below'),
  toNewest: 'To the newest messages',
  edited: 'edited',
  editHistory: 'What it said before',
  until: (when: string) => `until ${when}`,
  deleted: 'This message was deleted.',
  waiting: 'waiting to send',
  refused: 'not sent',
  you: 'You',
  draft: 'Draft',
  send: 'Send',
  save: 'Save',
  cancel: 'Cancel',
  close: 'Close',
  sendAnyway: 'Send anyway',
  retry: 'Retry',
  retryAll: 'Retry all',
  edit: 'Edit',
  discard: 'Discard',
  remove: 'Delete',
  deletedNow: (n: number) => (n === 1 ? 'Message deleted' : `${written(n)} messages deleted`),
  undo: 'Undo',
  undoKey: (key: string) => `Undo (${key})`,
  deleteTitle: (n: number) => (n === 1 ? 'Delete this message?' : `Delete ${written(n)} messages?`),
  deleteWhat: (n: number, others: number) =>
    [
      n === 1 ? 'It is deleted for everyone.' : 'They are deleted for everyone.',
      others === 0
        ? ''
        : n === 1
          ? 'Somebody else wrote it.'
          : others === n
            ? 'Other people wrote them.'
            : `${written(others)} of them ${others === 1 ? 'was' : 'were'} written by other people.`,
    ]
      .filter(Boolean)
      .join(' '),
  copy: 'Copy text',
  messageNotHere:
    'This message is not on this computer: it may be older than what is kept here, or in a conversation that you are not in.',
  copied: 'Copied.',
  react: 'React',
  reactions: 'Reactions',
  reactedBy: (emoji: string, names: string[], n: number) =>
    `${emoji} ${n}: ${names.length > 0 ? listed(names) : count(n, 'person', 'people')}${n > names.length && names.length > 0 ? ` and ${count(n - names.length, 'other', 'others')}` : ''}`,
  reply: 'Reply',
  quoteMissing: 'A message that is not on this computer yet',
  pin: 'Pin',
  unpin: 'Unpin',
  pinned: 'pinned',
  saveForLater: 'Save for later',
  unsave: 'Do not save any more',
  savedNote: 'saved',
  message: (title: string) => `Message ${isolated(title)}`,
  messagesIn: (title: string) => `Messages in ${isolated(title)}`,
  cannotWrite: 'You left this conversation. You can read what was said while you were in it.',
  answering: 'Answering',
  answeringEarlier: 'Answering an earlier message',
  answerNothing: 'Answer nothing',
  discardEditTitle: 'Discard your changes?',
  discardEditWhat: 'The message stays as it was. What you changed in it is gone then.',
  discardMessageTitle: 'Discard this message?',
  discardMessageWhat: 'It was not sent, and is nowhere else. Nobody will read it.',
  discardTitle: 'Discard this?',
  discardWhat: 'It is not done then, and everything stays as the server has it.',
  editGoOn: 'Keep editing',
  editKept: 'You were editing a message:',
  editGone: 'The message is not there any more. What you wrote is in the composer.',
  editing: 'Editing your message. Esc cancels.',
  tooLong: (n: number) =>
    `${n < 200_000 ? count(n, 'byte', 'bytes') : `More than ${(n / 1_000_000).toFixed(1)} MB`} over the limit of 64 KiB for a message. Shorten it, or send it in parts. It is kept on this computer.`,
  nearLimit: (n: number) => `${count(n, 'byte', 'bytes')} left`,
  linkTitle: (host: string) => `Open ${isolated(host)}?`,
  linkWhat: {
    names: 'That is where the link leads. Its words name another place.',
    user: 'That is where the link leads. What stands before the @ in its address is no place, but a name to sign in with.',
  },
  linkOpen: 'Open the link',
  search: 'Search',
  searchHint: 'Words, "phrases", from: in: has: is: before: after:',
  forward: 'Forward',
  forwardMany: (n: number) => (n === 1 ? 'Forward this message' : `Forward ${n} messages`),
  forwardHint: 'To a person or a group',
  forwardedTo: (title: string) => `Forwarded to ${isolated(title)}.`,
  copyLink: 'Copy link',
  linkCopied: 'The link is copied. Whoever may read the message can open it.',
  select: 'Select',
  selection: 'Selected messages',
  selectedCount: (n: number) => count(n, 'message selected', 'messages selected'),
  writing: (names: string[]) =>
    names.length === 1
      ? `${isolated(names[0]!)} is writing…`
      : names.length === 2
        ? `${names.map(isolated).join(' and ')} are writing…`
        : 'Several people are writing…',
  readBy: (names: string[], others: number) =>
    others === 1
      ? 'Read'
      : names.length === others
        ? 'Read by all'
        : names.length > 3
          ? `Read by ${names.length} of ${others}`
          : `Read by ${listed(names)}`,
  goToDate: 'Go to a day',
  day: 'Day',
  go: 'Go',
  nothingSince: 'Nothing was said on that day or later.',
  writingSection: 'Reading and writing',
  sendOnEnter: 'Enter sends a message; Shift+Enter begins a new line',
  tellTyping: 'Let others see that I am writing',
  tellReading: 'Let others see how far I have read',
  compact: 'Stand messages closer together',
  done: 'Done',
  toDo: 'To do',
  emoji: 'Emoji',
  emojiHint: 'Find an emoji',
  noEmoji: 'No emoji is called that.',
  skinTone: 'Skin tone',
  emojiOften: 'Used lately',
  emojiGroups: {
    0: 'Smileys',
    1: 'People',
    3: 'Animals and nature',
    4: 'Food and drink',
    5: 'Travel and places',
    6: 'Activities',
    7: 'Objects',
    8: 'Symbols',
    9: 'Flags',
  } as Record<number, string>,
  commands: {
    me: 'what you do',
    shrug: 'what you do not know',
    topic: 'what the group is about',
    rename: 'a new title for the group',
    invite: 'add a person to the group',
    mute: 'no more noise from here',
    unmute: 'noise again',
    search: 'find messages here',
  },
  notOnePerson: (name: string, n: number) =>
    n === 0
      ? `Nobody is called ${isolated(name)}.`
      : `${n} people are called something like ${isolated(name)}. Type the whole name.`,
  suggestions: 'Suggestions',
  tab: 'Tab',
  newest: 'Newest',
  best: 'Best',
  here: 'This conversation',
  everywhere: 'Everywhere',
  found: (n: number, more: boolean, ms: number) =>
    `${more ? `${written(n)} messages and more` : count(n, 'message', 'messages')} · ${ms} ms`,
  notFound: 'No message on this computer fits.',
  searchEmpty:
    'Finds any word in every message on this computer, with or without a network. A minus before a word leaves messages with it out.',
  members: 'Members',
  memberCount: (n: number) => count(n, 'member', 'members'),
  addMember: 'Add a person',
  leave: 'Leave group',
  leaveSure: (title: string) => `Leave ${isolated(title)}? What was said stays readable here.`,
  newMessage: 'New message',
  newGroup: 'New group',
  person: 'Person',
  people: 'People',
  personHint: 'Type a name',
  nobody: 'Nobody of that name.',
  title: 'Title',
  create: 'Create',
  settings: 'Settings',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  mirror: 'This computer’s copy',
  historyLimit: 'Keep older history here up to',
  historyLimits: { 1: '1 GB', 5: '5 GB', 20: '20 GB', 8000000: 'everything' },
  conversationLimit: 'and of one conversation',
  conversationLimits: [
    [1000, '1,000 messages'],
    [10_000, '10,000 messages'],
    [100_000, '100,000 messages'],
    [NO_LIMIT, 'everything'],
  ] as [number, string][],
  noLimit: NO_LIMIT,
  fetchedAnew: (n: number) =>
    `${count(n, 'fetch', 'fetches')} had to be made again since the start.`,
  compared: (repaired: number) =>
    repaired === 0
      ? 'It is compared with the server by itself, a little at a time. Nothing has differed.'
      : `${count(repaired, 'message', 'messages')} differed from the server’s and ${repaired === 1 ? 'was' : 'were'} mended.`,
  compare: 'Compare everything now',
  comparing: 'Comparing. What differs is mended, and counted here.',
  devices: 'Signed-in devices',
  thisDevice: 'this device',
  since: (when: string) => `since ${when}`,
  revoke: 'Sign out',
  revokeAndWipe: 'Sign out and delete its messages',
  revokeHint:
    'At its next contact the device shows nothing more until somebody signs in on it again. Deleting also removes the messages that it holds; what was not sent from it is kept there, encrypted.',
  revokeWhich: (device: string) => `Sign out ${isolated(device)}?`,
  signOut: 'Sign out',
  signOutSure:
    'Signing out deletes the copy on this computer. Everything the server has stays there.',
  signOutKeeping: 'Sign out and keep the messages',
  signOutKeepingHint:
    'Or keep the copy, encrypted: signing in again with your passphrase opens it, and what waits is sent then.',
  signOutAnyway: 'Sign out and discard',
  account: 'Account',
  accounts: 'Accounts',
  addAccount: 'Add an account',
  addAccountHint: 'On the same server or another one. Each account keeps its own files here.',
  accountTile: (name: string, host: string, unread: number) =>
    [
      isolated(name),
      isolated(host),
      unread > 0 ? count(unread, 'unread message', 'unread messages') : '',
    ]
      .filter(Boolean)
      .join(', '),
  accountClosed: 'An account that is closed',
  shortcuts: 'Keyboard shortcuts',
  outbox: 'Waiting to send',
  outboxEmpty: 'Nothing is waiting. Everything you wrote has reached the server.',
  actions: {
    create: 'Start a conversation',
    send: 'Message',
    edit: 'Edit of a message',
    delete: 'Deletion of a message',
    addMember: 'Adding a person',
    leave: 'Leaving a group',
    read: 'Read position',
    react: 'Reaction',
    pinMessage: 'Pinning a message',
    removeMember: 'Removing a person',
    setRole: 'Change of a role',
    transfer: 'Handing a group over',
    rename: 'New title',
    setTopic: 'New topic',
    setHistory: 'Change of what new members see',
    setRemoval: 'Change of what removed members keep',
    archive: 'Archiving a group',
    mute: 'Muting',
    pin: 'Pinning a conversation',
    hide: 'Putting a conversation away',
    markUnread: 'Marking as unread',
    save: 'Saving a message',
    setting: 'Setting',
  } as Record<string, string>,
  signIn: 'Sign in',
  register: 'Create account',
  registerInstead: 'No account yet? Create one.',
  signInInstead: 'Have an account? Sign in.',
  server: 'Server address',
  serverOrLink: 'Server address or invitation link',
  serverHint: 'chat.example.org',
  username: 'Username',
  password: 'Password',
  passwordHint: '8 characters or more',
  welcome:
    'Team chat that its people own. Everything you may see is kept on this computer too, so that reading, searching and writing work with no network.',
  working: 'One moment…',
  noKeychain:
    'There is no keychain on this system that could keep the key of your files. Choose a passphrase, which is asked for at every start; or sign in for this run only, after which the files here cannot be read any more.',
  keepByPassphrase: 'Keep it by this passphrase',
  passphrase: 'Passphrase',
  newPassphrase: 'New passphrase',
  recoveryCode: 'Recovery code',
  unlock: 'Unlock',
  lock: 'Lock',
  useRecoveryCode: 'Use the recovery code',
  signInAnew: 'Sign in and fetch everything again',
  noPassphrase: 'Set a passphrase in the settings first: it is what opens Parlour again.',
  closed: {
    title: 'Locked',
    titleOther: 'This account is closed',
    passphrase: 'Your passphrase opens it. What others write comes once it is open.',
    keychain:
      'The key of its files is in the system’s keychain, which is locked or does not answer. Unlock it, and this goes on by itself.',
    plain:
      'Its files are of an earlier version and not encrypted yet, and the system’s keychain does not answer. Choose a passphrase to protect them, or unlock the keychain.',
    keyLost:
      'The key of its files is not on this computer any more. Everything the server has can be fetched again. What had not been sent can only be opened with the recovery code; its files are put aside and not deleted.',
    revoked: 'This device is signed out. What was not sent is kept. Sign in again to open it.',
    code: 'Type the code that you wrote down. Letter case and dashes do not matter.',
  },
  lockSection: 'Lock',
  lockHint:
    'A passphrase encrypts the key of your files. It is asked for at every start, and by Ctrl+L. Nobody can reset it.',
  currentPassphrase: 'Current passphrase',
  accountPassword: 'Account password',
  whyPassphrase:
    'Asked for before anything here changes, so that nobody who finds this window open can do it.',
  whyPassword:
    'Asked for before anything here changes, so that nobody who finds this window open can do it. The server checks it, so you need to be online.',
  setPassphrase: 'Set passphrase',
  changePassphrase: 'Change passphrase',
  removePassphrase: 'Let the keychain open it',
  passphraseOrCode: 'Passphrase, or recovery code',
  passphraseSet: 'The passphrase is set. It is asked for at the next start.',
  passphraseRemoved: 'The keychain opens this account again.',
  lockAfter: 'Lock when I am away for',
  lockAfters: [
    [0, 'never'],
    [5, '5 minutes'],
    [15, '15 minutes'],
    [60, 'an hour'],
  ] as [number, string][],
  makeRecoveryCode: 'Make a recovery code',
  recoveryHint:
    'A recovery code opens your files without keychain or passphrase. It is shown once: write it down and keep it away from this computer. A new one voids the one before.',
  thisRun: 'Sign in for this run only',
  signInAgain:
    'Your session has ended. Sign in again to send and receive; everything here stays readable.',
  crashed: 'This part of the window failed. Nothing you wrote was lost.',
  conversations: 'Conversations',
  back: 'Back',
  showMenu: 'Message actions',
};

/** One sentence for each way in which something can fail. */
export function errorText(code: ErrorCode, message: string): string {
  switch (code) {
    case 'offline':
    case 'not_a_server':
    case 'answer_too_large':
    case 'keychain':
    case 'in_use':
    case 'newer_files':
    case 'disk_full':
    case 'storage':
    case 'invalid':
    case 'too_large':
    case 'username_taken':
    case 'sign_in':
    case 'outbox_not_empty':
    case 'locked':
    case 'wrong_passphrase':
    case 'key_lost':
    case 'members_changed':
    case 'untrusted':
    case 'revoked':
    case 'wipe':
    case 'gone':
    case 'forbidden':
    case 'method':
      // The client's own sentence says more than a code can.
      return message;
    case 'rate':
    case 'overloaded':
    case 'retry':
      return 'The server has too much to do. It is tried again by itself.';
    case 'internal':
    case 'unknown':
      return 'The server failed. It is tried again by itself; its administrator can see why.';
    case 'epoch':
    case 'term':
    case 'cursor_ahead':
    case 'cursor_old':
      return 'This conversation is being fetched anew.';
    case 'not_member':
      return 'You are no longer a member of this conversation. Ask someone in it to add you, then retry.';
    case 'read_only':
      return 'This conversation takes no more messages.';
    case 'token':
    case 'signed_out':
      return 'Your session has ended. Sign in again.';
    case 'op_conflict':
      return 'The server has something else under this number. Copy the text and send it again.';
    case 'upgrade':
      return 'This version of Parlour is too old for the server. Update it; everything here stays readable.';
    default:
      code satisfies never;
      return message;
  }
}
