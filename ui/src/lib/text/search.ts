import { count, written } from './numbers';

/** Of the search. */
export const ofSearch = {
  search: 'Search',
  searchHint: 'Words, "phrases", from: in: has: is: before: after:',
  newest: 'Newest',
  best: 'Best',
  here: 'This conversation',
  everywhere: 'Everywhere',
  found: (n: number, more: boolean, ms: number) =>
    `${more ? `${written(n)} messages and more` : count(n, 'message', 'messages')} · ${ms} ms`,
  notFound: 'No message on this computer fits.',
  searchEmpty:
    'Finds any word in every message on this computer, with or without a network. A minus before a word leaves messages with it out.',
};
