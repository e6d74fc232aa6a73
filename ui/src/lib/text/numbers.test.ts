import { afterEach, expect, test } from 'vitest';
import { ENGLISH, useLanguage } from './locale';
import { count, listed, listedNames, plural, written } from './numbers';

afterEach(() => useLanguage(ENGLISH));

const RULES = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other' };

test('English counts as its plural rules say', () => {
  const rules = new Intl.PluralRules(ENGLISH);
  for (const n of [0, 1, 2, 3, 11, 21, 101, 1000]) expect(plural(n, RULES)).toBe(rules.select(n));
});

test('another language has its own plurals, and what it does not name is said as all others', () => {
  useLanguage('ar');
  expect([0, 1, 2, 3, 11, 100].map((n) => plural(n, RULES))).toEqual([
    ...['zero', 'one', 'two', 'few', 'many', 'other'],
  ]);
  expect(plural(2, { one: 'one', other: 'other' })).toBe('other');
});

test('numbers and lists are written as the language has them', () => {
  expect(count(1_297_822, { one: 'message', other: 'messages' })).toBe('1,297,822 messages');
  expect(listed(['wren'])).toBe('wren');
  expect(listed([])).toBe('');
  expect(listedNames(['wren', 'oak'])).toBe('wren and oak');
  expect(listed(['wren', 'oak', '3 others'])).toBe('wren, oak, and 3 others');
  useLanguage('de');
  expect(written(1_297_822)).toBe('1.297.822');
  expect(listed(['wren', 'oak', 'lark'])).toBe('wren, oak und lark');
});
