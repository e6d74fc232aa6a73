import { expect, test } from 'vitest';
import { periodOf } from './export-period';

const at = (day: string) => new Date(`${day}T00:00:00`).getTime();

test('a period contains its last day, and has no limit where a day is empty', () => {
  expect(periodOf('2024-05-17', '2024-05-17')).toEqual({
    from: at('2024-05-17'),
    until: at('2024-05-18'),
  });
  expect(periodOf('', '2024-12-31')).toEqual({ from: null, until: at('2025-01-01') });
  expect(periodOf(' ', '')).toEqual({ from: null, until: null });
});

test('a period that ends before it begins, or has no days, is none', () => {
  expect(periodOf('2024-05-18', '2024-05-17')).toBeNull();
  expect(periodOf('yesterday', '')).toBeNull();
  expect(periodOf('', '2024-13-01')).toBeNull();
});
