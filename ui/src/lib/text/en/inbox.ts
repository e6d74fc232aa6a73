import { isolate } from '../../direction';
import { count, formatNames, plural, formatNumber } from '../numbers';
import { messages } from './counts';

/** At most two `names`, and the number of further people. */
type People = { names: string[]; others: number };

const peopleSummary = ({ names, others }: People) => {
  if (names.length === 0) return count(others, { one: 'person', other: 'people' });
  if (others === 0) return formatNames(names);
  const rest = count(others, { one: 'other', other: 'others' });
  return `${names.map(isolate).join(', ')} and ${rest}`;
};

/** Texts of the views over all conversations: Activity and All unread. */
export const inboxTexts = {
  views: 'Views',
  activity: 'Activity',
  allUnread: 'All unread',
  newCountOf: ({ n }: { n: number }) => `${formatNumber(n)} new`,
  activityKinds: {
    all: 'All',
    mention: 'Mentions',
    reply: 'Replies',
    reaction: 'Reactions',
    keyword: 'Keywords',
  },
  activityKind: 'Kind',
  activityEmpty: 'Nothing yet. Mentions, replies, reactions and your keywords appear here.',
  activityLocation: 'Where it happened',
  peopleSummary,
  /** The words after the names. */
  activityVerbs: {
    mention: 'mentioned you',
    all: 'mentioned everyone',
    reply: 'replied to you',
    reaction: ({ emoji }: { emoji: string }) => `reacted ${emoji}`,
    keyword: 'used',
  },
  /** Precedes the beginning of the user's own message. */
  ownMessagePrefix: 'You:',
  isNew: 'new',
  markAllRead: 'Mark all as read',
  markRead: 'Mark as read',
  markedReadCount: ({ n }: { n: number }) => `${messages(n)} marked as read`,
  unreadSummary: ({ n, conversations }: { n: number; conversations: number }) =>
    `${messages(n)} in ${count(conversations, { one: 'conversation', other: 'conversations' })}`,
  oldestFirst: 'Oldest first',
  caughtUp: 'You are all caught up.',
  unreadCard: ({ title, n }: { title: string; n: number }) =>
    `${isolate(title)}, ${count(n, { one: 'unread message', other: 'unread messages' })}`,
  mentionCount: ({ n }: { n: number }) => count(n, { one: 'mention', other: 'mentions' }),
  moreMessagesIn: ({ n }: { n: number }) =>
    count(n, { one: 'more message', other: 'more messages' }),
  showMore: 'Show more',
  openCard: ({ title }: { title: string }) => `Show messages of ${isolate(title)}`,
  mutedExcluded: ({ rows, others }: { rows: { title: string; n: number }[]; others: number }) => {
    const named = rows.map(({ title, n }) => `${isolate(title)} (${formatNumber(n)})`).join(', ');
    const rest = others > 0 ? ` and ${count(others, { one: 'other', other: 'others' })}` : '';
    return plural(rows.length + others, {
      one: `A muted conversation is left out: ${named}`,
      other: `Muted conversations are left out: ${named}${rest}`,
    });
  },
  inboxKeys: {
    move: 'move',
    cards: 'next, previous conversation',
    open: 'open',
    reply: 'reply',
    read: 'mark as read',
    undo: 'undo',
  },
};
