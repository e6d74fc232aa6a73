import { expect, test } from 'vitest';
import { uuid7 } from './uuid7';

test('ids are UUIDv7s, ordered by time', () => {
  expect(uuid7(0x0123456789ab)).toMatch(
    /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(uuid7(1000) < uuid7(1001)).toBe(true);
  expect(uuid7()).not.toBe(uuid7());
});
