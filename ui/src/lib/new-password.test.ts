import { expect, test } from 'vitest';
import { newPassword } from './new-password';

test('a password is four groups of what can be read out, and no two are the same', () => {
  const made = Array.from({ length: 200 }, newPassword);
  for (const one of made) expect(one).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  expect(new Set(made).size).toBe(made.length);
  expect(made.join('')).not.toMatch(/[ilo01]/);
});
