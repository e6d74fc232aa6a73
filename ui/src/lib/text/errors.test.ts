import { expect, test } from 'vitest';
import { errorText, text } from '.';

test('an error is said by the catalogue, and in its own words where these say more', () => {
  const said = 'The server did not answer: connection refused.';
  expect(errorText('rate', 'too many requests')).toBe(text.errors.rate);
  expect(errorText('read_only', 'no')).toBe('This conversation is read-only.');
  expect(errorText('offline', said)).toBe(said);
});
