import { expect, test } from 'vitest';
import type { ConversationSummary } from '../ipc';
import { mergeInOriginalOrder, isToRead, initiallyOpenIds, readingOrder } from './unread-cards';

const row = (id: string, changes: Partial<ConversationSummary> = {}) =>
  ({ id, kind: 'group', unread: 1, mentions: 0, activeAt: 0, ...changes }) as ConversationSummary;
const ids = (rows: ConversationSummary[]) => rows.map(({ id }) => id);

test('direct messages and mentions come first, each sorted by time', () => {
  const rows = [
    row('old', { activeAt: 1 }),
    row('new', { activeAt: 9 }),
    row('direct', { kind: 'p2p', activeAt: 2 }),
    row('mentioned', { mentions: 1, activeAt: 3 }),
  ];
  expect(ids(readingOrder(rows, false))).toEqual(['mentioned', 'direct', 'new', 'old']);
  expect(ids(readingOrder(rows, true))).toEqual(['direct', 'mentioned', 'old', 'new']);
});

test('muted, left and hidden conversations are not to be read', () => {
  expect(isToRead(row('a'), false)).toBe(true);
  expect(isToRead(row('a'), true)).toBe(false);
  for (const changes of [{ left: true }, { hidden: true }, { unread: 0 }])
    expect(isToRead(row('a', changes), false)).toBe(false);
});

test('initially, as many cards are open as fill the screen, and at least one', () => {
  const many = Array.from({ length: 9 }, (_, index) => row(`${index}`, { unread: 9 }));
  expect(initiallyOpenIds(many)).toEqual(['0', '1']);
  expect(initiallyOpenIds([row('a', { unread: 999 })])).toEqual(['a']);
  expect(initiallyOpenIds([])).toEqual([]);
});

test('the order is kept, read conversations are removed, and new ones are last', () => {
  const rows = [row('new'), row('b')];
  expect(ids(mergeInOriginalOrder(['a', 'b', 'c'], rows))).toEqual(['b', 'new']);
  expect(ids(mergeInOriginalOrder(['a', 'b', 'c'], rows, row('a', { unread: 0 })))).toEqual([
    'a',
    'b',
    'new',
  ]);
});
