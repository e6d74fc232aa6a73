import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { newestThatFill, RowBuilder } from './rows';

const item = (seq: number, senderId: string, sentAt: number, body = '') =>
  ({ id: `m${seq}`, seq, senderId, sentAt, body }) as TimelineItem;

const MINUTE = 60_000;

test('messages of one sender within five minutes are grouped, and each day has a divider', () => {
  const noon = new Date(2026, 5, 1, 12).getTime();
  const items = [
    item(1, 'wren', noon),
    item(2, 'wren', noon + MINUTE),
    item(3, 'oak', noon + 2 * MINUTE),
    item(4, 'oak', noon + 8 * MINUTE),
    item(5, 'oak', noon + 24 * 60 * MINUTE),
  ];
  const rows = new RowBuilder().build(items, 2);
  expect(rows.map((row) => row.day)).toEqual([true, false, false, false, true]);
  expect(rows.map((row) => row.unread)).toEqual([false, true, false, false, false]);
  expect(rows.map((row) => row.grouped)).toEqual([false, false, false, false, false]);
  expect(new RowBuilder().build(items, null).map((row) => row.grouped)[1]).toBe(true);
});

test('messages with times that no date can be have one divider', () => {
  const rows = new RowBuilder().build(
    [1, 2, 3].map((seq) => item(seq, 'wren', 2 ** 63)),
    null,
  );
  expect(rows.map((row) => row.day)).toEqual([true, false, false]);
});

test('an unchanged row stays the same object', () => {
  const rows = new RowBuilder();
  const items = [2, 3, 4].map((seq) => item(seq, 'wren', seq * MINUTE));
  const before = rows.build(items, null);
  // An older message is added before the first one, which loses its name; another one is edited.
  const edited = { ...items[1]!, edited: true };
  const after = rows.build([item(1, 'wren', MINUTE), items[0]!, edited, items[2]!], null);
  expect(after[1]).not.toBe(before[0]);
  expect(after[2]).not.toBe(before[1]);
  expect(after[3]).toBe(before[2]);
});

test('the newest messages fill a window if each has its minimum height', () => {
  const ungrouped = [1, 2, 3, 4, 5, 6].map((seq) => item(seq, 'wren', seq * 10 * MINUTE));
  const shown = (items: TimelineItem[], height: number) =>
    newestThatFill(items, { height, width: 34 }).map(({ seq }) => seq);
  expect(shown(ungrouped, 5)).toEqual([5, 6]);
  expect(shown(ungrouped, 6)).toEqual([4, 5, 6]);
  const grouped = [1, 2, 3, 4, 5, 6].map((seq) => item(seq, 'wren', seq * MINUTE));
  expect(shown(grouped, 5)).toEqual([3, 4, 5, 6]);
  expect(shown(grouped, Infinity)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(shown([], 5)).toEqual([]);
  const long = [1, 2, 3].map((seq) => item(seq, 'wren', seq * MINUTE, 'x'.repeat(250)));
  expect(shown(long, 8)).toEqual([2, 3]);
  const lines = [1, 2, 3].map((seq) => item(seq, 'wren', seq * MINUTE, 'a\n\nb'));
  expect(shown(lines, 8)).toEqual([2, 3]);
  const marked = lines.map((line) => ({ ...line, blocks: [] }));
  expect(shown(marked, 5)).toEqual([1, 2, 3]);
});
