import { isolated } from '../../direction';
import { count, listedNames, plural, written } from '../numbers';

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
  newCount: ({ n }: { n: number }) => count(n, { one: 'new message', other: 'new messages' }),
  newBelow: ({ n }: { n: number }) =>
    count(n, { one: 'new message below', other: 'new messages below' }),
  toNewest: 'To the newest messages',
  edited: 'edited',
  editHistory: 'What it said before',
  until: ({ when }: { when: string }) => `until ${when}`,
  deleted: 'This message was deleted.',
  waiting: 'waiting to send',
  refused: 'not sent',
  deletedNow: ({ n }: { n: number }) =>
    plural(n, { one: 'Message deleted', other: `${written(n)} messages deleted` }),
  deleteTitle: ({ n }: { n: number }) =>
    plural(n, { one: 'Delete this message?', other: `Delete ${written(n)} messages?` }),
  deleteWhat: ({ n, others }: { n: number; others: number }) =>
    [
      plural(n, { one: 'It is deleted for everyone.', other: 'They are deleted for everyone.' }),
      others === 0
        ? ''
        : n === 1
          ? 'Somebody else wrote it.'
          : others === n
            ? 'Other people wrote them.'
            : `${written(others)} of them ${plural(others, { one: 'was', other: 'were' })} written by other people.`,
    ]
      .filter(Boolean)
      .join(' '),
  messageNotHere:
    'This message is not on this computer: it may be older than what is kept here, or in a conversation that you are not in.',
  react: 'React',
  reactions: 'Reactions',
  reactedBy: ({ emoji, names, n }: { emoji: string; names: string[]; n: number }) => {
    const others = n - names.length;
    const rest = others > 0 ? [count(others, { one: 'other', other: 'others' })] : [];
    const who =
      names.length === 0
        ? count(n, { one: 'person', other: 'people' })
        : listedNames(names, ...rest);
    return `${emoji} ${written(n)}: ${who}`;
  },
  reply: 'Reply',
  quoteMissing: 'A message that is not on this computer yet',
  pin: 'Pin',
  unpin: 'Unpin',
  pinned: 'pinned',
  saveForLater: 'Save for later',
  unsave: 'Do not save any more',
  savedNote: 'saved',
  messagesIn: ({ title }: { title: string }) => `Messages in ${isolated(title)}`,
  linkTitle: ({ host }: { host: string }) => `Open ${isolated(host)}?`,
  linkWhat: {
    names: 'That is where the link leads. Its words name another place.',
    user: 'That is where the link leads. What stands before the @ in its address is no place, but a name to sign in with.',
  },
  linkOpen: 'Open the link',
  forward: 'Forward',
  forwardMany: ({ n }: { n: number }) =>
    plural(n, { one: 'Forward this message', other: `Forward ${written(n)} messages` }),
  forwardHint: 'To a person or a group',
  forwardedTo: ({ title }: { title: string }) => `Forwarded to ${isolated(title)}.`,
  copyLink: 'Copy link',
  linkCopied: 'The link is copied. Whoever may read the message can open it.',
  select: 'Select',
  selection: 'Selected messages',
  selectedCount: ({ n }: { n: number }) =>
    count(n, { one: 'message selected', other: 'messages selected' }),
  writing: ({ names }: { names: string[] }) =>
    names.length > 2
      ? 'Several people are writing…'
      : `${listedNames(names)} ${plural(names.length, { one: 'is', other: 'are' })} writing…`,
  /** `others` are all who could have read it. */
  readBy: ({ names, others }: { names: string[]; others: number }) =>
    others === 1
      ? 'Read'
      : names.length === others
        ? 'Read by all'
        : names.length > 3
          ? `Read by ${written(names.length)} of ${written(others)}`
          : `Read by ${listedNames(names)}`,
  /** Before somebody's words, in a line. */
  saidBy: ({ name }: { name: string }) => `${name}:`,
  goToDate: 'Go to a day',
  day: 'Day',
  nothingSince: 'Nothing was said on that day or later.',
};
