import { expect, test } from 'vitest';
import { HEADING, inOrder, layOut, ROW } from './list-layout';

const rooms = (name: string, count: number) => ({
  name,
  conversations: Array.from({ length: count }, (_, n) => ({ id: `${name}${n}` })),
});
const ids = (laid: ReturnType<typeof layOut>) =>
  laid.sections.flatMap((section) => section.rows.map(({ row }) => row.id));

test('of thousands only those that are seen are there, each in its place', () => {
  const all = [rooms('a', 0), rooms('b', 2), rooms('c', 5000)];
  const laid = layOut(all, 1000, 1040, null);
  expect(laid.height).toBe(2 * HEADING + 5002 * ROW);
  expect(ids(laid).length).toBeLessThan(40);
  const c = laid.sections[1]!;
  expect([c.name, c.count, c.top]).toEqual(['c', 5000, HEADING + 2 * ROW]);
  for (const { top, row } of c.rows) expect(row.id).toBe(`c${top / ROW}`);
  const begin = c.top + HEADING;
  expect(begin + c.rows[0]!.top).toBeLessThanOrEqual(1000);
  expect(begin + c.rows.at(-1)!.top + ROW).toBeGreaterThanOrEqual(1040);
});

test('at both ends nothing is missing', () => {
  const all = [rooms('a', 100)];
  expect(ids(layOut(all, 0, 30, null))[0]).toBe('a0');
  const { height } = layOut(all, 0, 0, null);
  expect(ids(layOut(all, height - 30, height, null)).at(-1)).toBe('a99');
  expect(ids(layOut(all, 0, 10_000, null)).length).toBe(100);
});

test('the row with the focus stays, wherever one scrolls', () => {
  const all = [rooms('a', 1000)];
  expect(ids(layOut(all, 2000, 2030, 'a3'))[0]).toBe('a3');
  expect(ids(layOut(all, 0, 30, 'a900')).at(-1)).toBe('a900');
  expect(ids(layOut(all, 0, 30, 'gone')).length).toBeLessThan(40);
});

test('rows stay where they are while their order is held, and new ones come last', () => {
  const held = new Map([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
  const rows = ['new', 'c', 'newer', 'a', 'b'].map((id) => ({ id }));
  const [section] = inOrder([{ name: 'groups', conversations: rows }], held);
  expect(section!.conversations.map((row) => row.id)).toEqual(['a', 'b', 'c', 'new', 'newer']);
});
