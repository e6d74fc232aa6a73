import { expect, test } from 'vitest';
import { hasBadge, statusEnd } from './presence';

/** Wednesday, 2026-11-18, 15:30 local time. */
const WEDNESDAY = new Date(2026, 10, 18, 15, 30).getTime();

test('a status ends after a duration, with the day, with the week or at a time', () => {
  const at = (day: number, hours = 0, minutes = 0) =>
    new Date(2026, 10, day, hours, minutes).getTime();
  expect(statusEnd('never', WEDNESDAY)).toBeNull();
  expect(statusEnd('halfHour', WEDNESDAY)).toBe(at(18, 16));
  expect(statusEnd('hour', WEDNESDAY)).toBe(at(18, 16, 30));
  expect(statusEnd('today', WEDNESDAY)).toBe(at(19));
  expect(statusEnd('week', WEDNESDAY)).toBe(at(23));
  expect(statusEnd('week', at(22, 23, 59)), 'on a Sunday').toBe(at(23));
  expect(statusEnd('week', at(23)), 'on a Monday').toBe(at(30));
  expect(statusEnd('time', WEDNESDAY, '16:00')).toBe(at(18, 16));
  expect(statusEnd('time', WEDNESDAY, '15:30'), 'tomorrow').toBe(at(19, 15, 30));
  expect(statusEnd('time', WEDNESDAY, '')).toBeNull();
});

test('only a person who is online, away or busy has a badge', () => {
  expect((['online', 'away', 'busy'] as const).every(hasBadge)).toBe(true);
  expect([null, undefined, 'offline' as const].some(hasBadge)).toBe(false);
});
