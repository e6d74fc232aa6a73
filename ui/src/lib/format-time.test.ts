import { expect, test } from 'vitest';
import { formatClock, formatFull } from './format-time';

test('a time in full says the day and the clock, whatever day was written before', () => {
  const noon = new Date(2026, 5, 1, 12, 5).getTime();
  const next = new Date(2026, 5, 2, 12, 5).getTime();
  const first = formatFull(noon);
  expect(first).toContain('2026');
  expect(first.endsWith(formatClock(noon))).toBe(true);
  expect(formatFull(next)).not.toBe(first);
  expect(formatFull(noon)).toBe(first);
});
