import { expect, test } from 'vitest';
import type { ConversationSummary } from '../ipc';
import { mergeInOriginalOrder, shouldRead, initiallyOpen, readingOrder } from './unread-cards';

const row = (id: string, more: Partial<ConversationSummary> = {}) =>
  ({ id, kind: 'group', unread: 1, mentions: 0, activeAt: 0, ...more }) as ConversationSummary;
const ids = (rows: ConversationSummary[]) => rows.map(({ id }) => id);

test('direct messages and mentions come first, and within them the newest', () => {
  const rows = [
    row('old', { activeAt: 1 }),
    row('new', { activeAt: 9 }),
    row('direct', { kind: 'p2p', activeAt: 2 }),
    row('mentioned', { mentions: 1, activeAt: 3 }),
  ];
  expect(ids(readingOrder(rows, false))).toEqual(['mentioned', 'direct', 'new', 'old']);
  expect(ids(readingOrder(rows, true))).toEqual(['direct', 'mentioned', 'old', 'new']);
});

test('what is muted, left or hidden is not to be read', () => {
  expect(shouldRead(row('a'), false)).toBe(true);
  expect(shouldRead(row('a'), true)).toBe(false);
  for (const more of [{ left: true }, { hidden: true }, { unread: 0 }])
    expect(shouldRead(row('a', more), false)).toBe(false);
});

test('as many cards are open at first as fill the screen, and always one', () => {
  const many = Array.from({ length: 9 }, (_, at) => row(`${at}`, { unread: 9 }));
  expect(initiallyOpen(many)).toEqual(['0', '1']);
  expect(initiallyOpen([row('a', { unread: 999 })])).toEqual(['a']);
  expect(initiallyOpen([])).toEqual([]);
});

test('the order stays, what is read goes, and what comes meanwhile is last', () => {
  const rows = [row('new'), row('b')];
  expect(ids(mergeInOriginalOrder(['a', 'b', 'c'], rows))).toEqual(['b', 'new']);
  expect(ids(mergeInOriginalOrder(['a', 'b', 'c'], rows, row('a', { unread: 0 })))).toEqual([
    'a',
    'b',
    'new',
  ]);
});
