import { expect, test } from 'vitest';
import { elementNumbers, MAX_UNWINDOWED, rowsToRender } from './table-window';

const indexes = (...args: Parameters<typeof rowsToRender>) =>
  rowsToRender(...args).map(({ index }) => index);

test('all rows of a short table are rendered', () => {
  expect(rowsToRender(0, 0, 10, 0)).toEqual([]);
  const all = rowsToRender(MAX_UNWINDOWED, 0, 10, 0);
  expect(all.length).toBe(MAX_UNWINDOWED);
  expect(all.every(({ skipped }) => skipped === 0)).toBe(true);
});

test('of a long table, the visible rows, some more, and the focused row are rendered', () => {
  const middle = indexes(5000, 1000.2, 1020.7, 1010);
  expect([middle[0], middle.at(-1)]).toEqual([992, 1028]);
  const visible = indexes(5000, 1000.2, 1020.7, 1010, 0);
  expect([visible[0], visible.at(-1)]).toEqual([1000, 1020]);
  expect(indexes(5000, 1000, 1020, 3)[0]).toBe(3);
  expect(indexes(5000, 1000, 1020, 4999).at(-1)).toBe(4999);
});

test('rendered and skipped rows add up to all rows', () => {
  for (const [from, focused] of [
    [0, 0],
    [2000, 7],
    [2000, 4000],
    [4990, 4999],
    [9000, 1],
  ] as const) {
    const rendered = rowsToRender(5000, from, from + 20, focused);
    const after = 5000 - 1 - rendered.at(-1)!.index;
    const total = rendered.reduce((all, { skipped }) => all + skipped + 1, after);
    expect(total).toBe(5000);
    expect(rendered.length).toBeLessThan(60);
  }
});

test('a row keeps its elements, and a new one gets those of a row that left', () => {
  const numbers = (previous: Map<string, number>, ids: string, reuse = true) =>
    elementNumbers(previous, [...ids], reuse);
  const first = numbers(new Map(), 'abc');
  expect([...first.values()]).toEqual([0, 1, 2]);
  expect([...numbers(first, 'xbyz')]).toEqual([
    ['x', 0],
    ['b', 1],
    ['y', 2],
    ['z', 3],
  ]);
  expect([...numbers(first, 'bx', false).values()]).toEqual([1, 3]);
  expect(numbers(first, '').size).toBe(0);
});
