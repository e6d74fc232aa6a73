import { expect, test } from 'vitest';
import { generatePassword } from './new-password';

test('a password has four groups of unambiguous characters, and is unique', () => {
  const passwords = Array.from({ length: 200 }, generatePassword);
  for (const password of passwords) expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  expect(new Set(passwords).size).toBe(passwords.length);
  expect(passwords.join('')).not.toMatch(/[ilo01]/);
});
