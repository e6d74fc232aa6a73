import { expect, test } from 'vitest';
import { formatSize } from './sizes';

test('a size has a suitable unit, with a decimal below 10', () => {
  const sizes = [0, 40_000, 3_140_000, 87_600_000, 999_000_000, 3_100_000_000, 41_200_000_000];
  expect(sizes.map(formatSize)).toEqual([
    ...['0 MB', '0 MB', '3.1 MB', '88 MB', '999 MB', '3.1 GB', '41 GB'],
  ]);
});
