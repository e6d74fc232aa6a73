import { formatNumber } from '../numbers';
import { messages } from './counts';

/** Texts of the search. */
export const searchTexts = {
  search: 'Search',
  searchHint: 'Words, "phrases", from: in: has: is: file: before: after:',
  newest: 'Most recent',
  best: 'Most relevant',
  here: 'This conversation',
  everywhere: 'All conversations',
  /** `more` is true if counting stopped before the end. */
  found: ({ n, more, ms }: { n: number; more: boolean; ms: number }) =>
    `${more ? `${formatNumber(n)}+ messages` : messages(n)} · ${formatNumber(ms)} ms`,
  notFound: 'No messages found on this computer.',
  searchEmpty:
    'Searches every message on this computer, also offline. Put a minus before a word to exclude it.',
};
