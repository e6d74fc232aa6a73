import { count, written } from '../numbers';

/** Of the search. */
export const ofSearch = {
  search: 'Search',
  searchHint: 'Words, "phrases", from: in: has: is: before: after:',
  newest: 'Newest',
  best: 'Best',
  here: 'This conversation',
  everywhere: 'Everywhere',
  /** `more` if it was not counted to the end. */
  found: ({ n, more, ms }: { n: number; more: boolean; ms: number }) =>
    `${more ? `${written(n)} messages and more` : count(n, { one: 'message', other: 'messages' })} · ${written(ms)} ms`,
  notFound: 'No message on this computer fits.',
  searchEmpty:
    'Finds any word in every message on this computer, with or without a network. A minus before a word leaves messages with it out.',
};
