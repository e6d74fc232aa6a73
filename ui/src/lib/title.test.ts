import { expect, test } from 'vitest';
import { withSign } from './title';

test('the sign of groups stands once before a title', () => {
  expect(withSign('workshop')).toBe('# workshop');
  expect(withSign('#raku')).toBe('#raku');
});
