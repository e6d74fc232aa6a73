import { expect, test } from 'vitest';
import { withoutSign, withSign } from './title';

test('the sign of groups stands once before a title', () => {
  expect(withSign('workshop')).toBe('# workshop');
  expect(withSign('#raku')).toBe('#raku');
});

test('names and titles are looked for without the sign that people type before them', () => {
  for (const typed of ['@wren', '#wren', '＠wren', '# wren', '##wren', 'wren'])
    expect(withoutSign(typed)).toBe('wren');
  expect(withoutSign('c# and @x')).toBe('c# and @x');
});
