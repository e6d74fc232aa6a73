import { expect, test } from 'vitest';
import { distinct, distinctById } from './distinct';

test('the first item with each key is kept, in order', () => {
  expect(distinct(['oak', 'elm', 'OAK'], (word) => word.toLowerCase())).toEqual(['oak', 'elm']);
  const rows = [
    { id: 1, n: 1 },
    { id: 2, n: 2 },
    { id: 1, n: 3 },
  ];
  expect(distinctById(rows)).toEqual(rows.slice(0, 2));
  expect(distinctById([])).toEqual([]);
});
