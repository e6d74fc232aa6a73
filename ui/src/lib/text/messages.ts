import { isolated } from '../direction';
import { count, listed, written } from './numbers';

/** Of messages that were said, and of what one does with them. */
export const ofMessages = {
  markUnreadFrom: 'Mark as unread from here',
  pinnedPanel: 'Pinned',
  pinnedEmpty: 'Nothing is pinned here yet. P on a message pins it.',
  savedPanel: 'Saved messages',
  savedEmpty: 'Nothing is saved yet. S on a message saves it for later.',
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
  deletedNow: (n: number) => (n === 1 ? 'Message deleted' : `${written(n)} messages deleted`),
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
  messageNotHere:
    'This message is not on this computer: it may be older than what is kept here, or in a conversation that you are not in.',
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
  messagesIn: (title: string) => `Messages in ${isolated(title)}`,
  linkTitle: (host: string) => `Open ${isolated(host)}?`,
  linkWhat: {
    names: 'That is where the link leads. Its words name another place.',
    user: 'That is where the link leads. What stands before the @ in its address is no place, but a name to sign in with.',
  },
  linkOpen: 'Open the link',
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
  nothingSince: 'Nothing was said on that day or later.',
};
