import { expect, test } from 'vitest';
import { ALL, rowsToDraw } from './table-window';

const places = (...asked: Parameters<typeof rowsToDraw>) =>
  rowsToDraw(...asked).map(({ index }) => index);

test('a short table has all of its rows', () => {
  expect(rowsToDraw(0, 0, 10, 0)).toEqual([]);
  const all = rowsToDraw(ALL, 0, 10, 0);
  expect(all.length).toBe(ALL);
  expect(all.every(({ skipped }) => skipped === 0)).toBe(true);
});

test('a long one has those that are seen, some beside them, and the one with the focus', () => {
  const middle = places(5000, 1000.2, 1020.7, 1010);
  expect([middle[0], middle.at(-1)]).toEqual([992, 1028]);
  expect(places(5000, 1000, 1020, 3)[0]).toBe(3);
  expect(places(5000, 1000, 1020, 4999).at(-1)).toBe(4999);
});

test('what is left out and what is drawn are all there is', () => {
  for (const [from, held] of [
    [0, 0],
    [2000, 7],
    [2000, 4000],
    [4990, 4999],
    [9000, 1],
  ] as const) {
    const drawn = rowsToDraw(5000, from, from + 20, held);
    const behind = 5000 - 1 - drawn.at(-1)!.index;
    const sum = drawn.reduce((all, { skipped }) => all + skipped + 1, behind);
    expect(sum).toBe(5000);
    expect(drawn.length).toBeLessThan(60);
  }
});
