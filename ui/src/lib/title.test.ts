import { expect, test } from 'vitest';
import { withoutPrefix, withHash } from './title';

test('a title has exactly one # before it', () => {
  expect(withHash('workshop')).toBe('# workshop');
  expect(withHash('#raku')).toBe('#raku');
});

test('a leading @ or # is not part of the name that is searched', () => {
  for (const typed of ['@wren', '#wren', '＠wren', '# wren', '##wren', 'wren'])
    expect(withoutPrefix(typed)).toBe('wren');
  expect(withoutPrefix('c# and @x')).toBe('c# and @x');
});
