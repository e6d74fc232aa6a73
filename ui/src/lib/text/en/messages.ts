import { isolate } from '../../direction';
import { count, formatList, formatNames, plural, formatNumber } from '../numbers';

type Reacted = { emoji: string; own: boolean; names: string[]; n: number };

/** Texts about messages and what can be done with them. */
export const messagesTexts = {
  markUnreadFrom: 'Mark as unread from here',
  pinnedPanel: 'Pinned',
  pinnedEmpty: 'No pinned messages. Press P on a message to pin it.',
  savedPanel: 'Saved messages',
  savedEmpty: 'No saved messages. Press S on a message to save it for later.',
  noMessages: 'No messages yet. Write the first one.',
  beginning: 'This is the start of the conversation.',
  olderMissing: 'Loading older messages…',
  olderOffline: 'Older messages are not on this computer yet. They load when you are online.',
  newMessages: 'New',
  newCount: ({ n }: { n: number }) => count(n, { one: 'new message', other: 'new messages' }),
  jumpToLatest: 'Jump to latest',
  edited: 'edited',
  editHistory: 'Edit history',
  olderEditsLeftOut: 'Earlier versions than these are not listed.',
  until: ({ when }: { when: string }) => `until ${when}`,
  deleted: 'This message was deleted.',
  waiting: 'waiting to send',
  refused: 'not sent',
  deletedNow: ({ n }: { n: number }) =>
    plural(n, { one: 'Message deleted', other: `${formatNumber(n)} messages deleted` }),
  deleteTitle: ({ n }: { n: number }) =>
    plural(n, { one: 'Delete this message?', other: `Delete ${formatNumber(n)} messages?` }),
  deleteDetails: ({ n, others }: { n: number; others: number }) =>
    [
      plural(n, { one: 'It is deleted for everyone.', other: 'They are deleted for everyone.' }),
      others === 0
        ? ''
        : n === 1
          ? 'Somebody else wrote it.'
          : others === n
            ? 'Other people wrote them.'
            : `${formatNumber(others)} of them ${plural(others, { one: 'was', other: 'were' })} written by other people.`,
    ]
      .filter(Boolean)
      .join(' '),
  messageNotHere:
    'This message is not on this computer. It may be older than your local history, or in a conversation you are not a member of.',
  react: 'React',
  reactions: 'Reactions',
  /** `own` is true if the user is one of them. If there are many people, `names` holds only some of them. */
  reactedBy: ({ emoji, own, names, n }: Reacted) => {
    const named = [...(own ? ['You'] : []), ...names.map(isolate)];
    const others = n - named.length;
    const rest = others > 0 ? [count(others, { one: 'other', other: 'others' })] : [];
    const who =
      named.length > 0
        ? formatList([...named, ...rest])
        : count(n, { one: 'person', other: 'people' });
    return `${emoji} ${formatNumber(n)}: ${who}`;
  },
  reply: 'Reply',
  quoteMissing: 'Original message not on this computer yet',
  pin: 'Pin',
  unpin: 'Unpin',
  pinned: 'pinned',
  saveForLater: 'Save for later',
  unsave: 'Remove from saved',
  savedLabel: 'saved',
  messagesIn: ({ title }: { title: string }) => `Messages in ${isolate(title)}`,
  linkTitle: ({ host }: { host: string }) => `Open ${isolate(host)}?`,
  linkDetails: {
    names: 'The link leads there. Its text shows a different address.',
    user: 'The link leads there. The part before the @ in its address is a username, not the name of a site.',
  },
  linkOpen: 'Open the link',
  forward: 'Forward…',
  forwardMany: ({ n }: { n: number }) =>
    plural(n, { one: 'Forward this message', other: `Forward ${formatNumber(n)} messages` }),
  forwardHint: 'Search people and groups',
  forwardedTo: ({ title }: { title: string }) => `Forwarded to ${isolate(title)}.`,
  copyLink: 'Copy link',
  linkCopied: 'Link copied. Only people who can read this message can open it.',
  select: 'Select',
  selection: 'Selected messages',
  selectedCount: ({ n }: { n: number }) =>
    count(n, { one: 'message selected', other: 'messages selected' }),
  writing: ({ names }: { names: string[] }) =>
    names.length > 2
      ? 'Several people are typing…'
      : `${formatNames(names)} ${plural(names.length, { one: 'is', other: 'are' })} typing…`,
  /** `others` is the number of people who could have read the message. */
  readBy: ({ names, others }: { names: string[]; others: number }) =>
    others === 1
      ? 'Read'
      : names.length === others
        ? 'Read by everyone'
        : names.length > 3
          ? `Read by ${formatNumber(names.length)} of ${formatNumber(others)}`
          : `Read by ${formatNames(names)}`,
  /** Precedes a person's message in the same line. */
  senderPrefix: ({ name }: { name: string }) => `${name}:`,
  jumpToDate: 'Jump to date…',
  jumpToDateTitle: 'Jump to date',
  day: 'Date',
  noMessagesSince: 'No messages on or after that date.',
};
