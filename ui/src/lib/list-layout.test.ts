import { expect, test } from 'vitest';
import { HEADING, keepOrder, layOut, ROW } from './list-layout';

const section = (name: string, count: number) => ({
  name,
  conversations: Array.from({ length: count }, (_, n) => ({ id: `${name}${n}` })),
});
const ids = (layout: ReturnType<typeof layOut>) =>
  layout.sections.flatMap((section) => section.rows.map(({ row }) => row.id));

test('only the visible rows of thousands are laid out, each at its position', () => {
  const all = [section('a', 0), section('b', 2), section('c', 5000)];
  const layout = layOut(all, 1000, 1040, null);
  expect(layout.height).toBe(2 * HEADING + 5002 * ROW);
  expect(ids(layout).length).toBeLessThan(40);
  const c = layout.sections[1]!;
  expect([c.name, c.count, c.top]).toEqual(['c', 5000, HEADING + 2 * ROW]);
  for (const { top, row } of c.rows) expect(row.id).toBe(`c${top / ROW}`);
  const start = c.top + HEADING;
  expect(start + c.rows[0]!.top).toBeLessThanOrEqual(1000);
  expect(start + c.rows.at(-1)!.top + ROW).toBeGreaterThanOrEqual(1040);
});

test('all rows are present at both ends of the list', () => {
  const all = [section('a', 100)];
  expect(ids(layOut(all, 0, 30, null))[0]).toBe('a0');
  const { height } = layOut(all, 0, 0, null);
  expect(ids(layOut(all, height - 30, height, null)).at(-1)).toBe('a99');
  expect(ids(layOut(all, 0, 10_000, null)).length).toBe(100);
});

test('the focused row is always laid out', () => {
  const all = [section('a', 1000)];
  expect(ids(layOut(all, 2000, 2030, 'a3'))[0]).toBe('a3');
  expect(ids(layOut(all, 0, 30, 'a900')).at(-1)).toBe('a900');
  expect(ids(layOut(all, 0, 30, 'gone')).length).toBeLessThan(40);
});

test('rows keep a fixed order, and new ones come last', () => {
  const order = new Map([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
  const rows = ['new', 'c', 'newer', 'a', 'b'].map((id) => ({ id }));
  const [section] = keepOrder([{ name: 'groups', conversations: rows }], order);
  expect(section!.conversations.map((row) => row.id)).toEqual(['a', 'b', 'c', 'new', 'newer']);
});
