import { afterEach, expect, test, vi } from 'vitest';
import { ENGLISH, setFormatLanguage } from './locale';
import { count, formatList, formatNames, plural, formatNumber } from './numbers';

afterEach(() => setFormatLanguage(ENGLISH));

const RULES = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other' };

test('English uses the plural rules of CLDR', () => {
  const rules = new Intl.PluralRules(ENGLISH);
  for (const n of [0, 1, 2, 3, 11, 21, 101, 1000]) expect(plural(n, RULES)).toBe(rules.select(n));
});

test('English numbers are those of Intl, and whole ones do not need it', () => {
  const format = new Intl.NumberFormat(ENGLISH);
  const created = vi.spyOn(Intl, 'NumberFormat');
  for (const n of [
    0,
    7,
    999,
    1000,
    99_999,
    1_000_000,
    1_297_822,
    -1,
    -999,
    -1000,
    -100_000,
    2 ** 53 - 1,
  ])
    expect(formatNumber(n)).toBe(format.format(n));
  expect(created).not.toHaveBeenCalled();
  created.mockRestore();
  for (const n of [0.5, 1234.5678, 2 ** 53, NaN, Infinity])
    expect(formatNumber(n)).toBe(format.format(n));
});

test('other languages use their own plural rules, with “other” for missing categories', () => {
  setFormatLanguage('ar');
  expect([0, 1, 2, 3, 11, 100].map((n) => plural(n, RULES))).toEqual([
    ...['zero', 'one', 'two', 'few', 'many', 'other'],
  ]);
  expect(plural(2, { one: 'one', other: 'other' })).toBe('other');
});

test('numbers and lists are formatted in the current language', () => {
  expect(count(1_297_822, { one: 'message', other: 'messages' })).toBe('1,297,822 messages');
  expect(formatList(['wren'])).toBe('wren');
  expect(formatList([])).toBe('');
  expect(formatNames(['wren', 'oak'])).toBe('wren and oak');
  expect(formatList(['wren', 'oak', '3 others'])).toBe('wren, oak, and 3 others');
  setFormatLanguage('de');
  expect(formatNumber(1_297_822)).toBe('1.297.822');
  expect(formatList(['wren', 'oak', 'lark'])).toBe('wren, oak und lark');
});
