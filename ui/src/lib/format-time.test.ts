import { expect, test, vi } from 'vitest';
import {
  clockIn,
  formatClock,
  formatClockIn,
  formatClockShort,
  formatDate,
  formatFull,
  formatShort,
  localeOf,
  nextDay,
  ownTimeZone,
} from './format-time';

test('a time in full says the day and the clock, whatever day was written before', () => {
  const noon = new Date(2026, 5, 1, 12, 5).getTime();
  const next = new Date(2026, 5, 2, 12, 5).getTime();
  const first = formatFull(noon);
  expect(first).toContain('2026');
  expect(first.endsWith(formatClock(noon))).toBe(true);
  expect(formatFull(next)).not.toBe(first);
  expect(formatFull(noon)).toBe(first);
});

test('the day begins at 0:05 or 12:05, as a language has it, and never at 24:05', () => {
  const at = new Date(2026, 5, 1, 0, 5).getTime();
  const said = (language: string) => clockIn(language).format(at).replace(/\s/g, ' ');
  expect(said('en-US')).toBe('12:05 AM');
  expect(said('en-US-u-hc-h23')).toBe('00:05');
  expect(said('en-US-u-hc-h24')).toBe('00:05');
  expect(said('en-US-u-va-posix')).toBe('00:05');
  for (const language of ['en-GB', 'de', 'fr', 'ja']) {
    expect(said(language)).toMatch(/^0?0:05$/);
  }
});

test('where there is little room a time has no letters', () => {
  const at = new Date(2026, 5, 1, 15, 5).getTime();
  expect(formatClockShort(at)).toMatch(/^(3|15)[:.]05$/);
  expect(formatClock(at).startsWith(formatClockShort(at))).toBe(true);
});

test('what the list says of a time changes at midnight and at no other moment', () => {
  const day = (n: number, hour = 0) => new Date(2026, 5, n, hour).getTime();
  const said = day(10, 15);
  const as = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(undefined, options).format(said);
  const [weekday, date] = [as({ weekday: 'short' }), as({ day: 'numeric', month: 'short' })];
  for (const [from, is] of [
    [10, formatClock(said)],
    [11, weekday],
    [16, weekday],
    [17, date],
  ] as const) {
    expect(formatShort(said, day(from))).toBe(is);
    expect(formatShort(said, nextDay(day(from)) - 1)).toBe(is);
  }
  expect(formatShort(said, day(10, 1))).toBe(formatClock(said));
  expect(formatShort(said, day(9))).toBe(date);
  expect(formatShort(said, new Date(2027, 0, 1).getTime())).toBe(formatDate(said));
});

test('a date is in the language of the sentences, with the order and the clock of the country', () => {
  const language = vi.spyOn(navigator, 'language', 'get');
  language.mockReturnValue('en-GB');
  expect(localeOf('en')).toBeUndefined();
  language.mockReturnValue('de-AT');
  const { hourCycle } = clockIn(undefined).resolvedOptions();
  expect(localeOf('en')).toBe(`en-AT-u-hc-${hourCycle}`);
  const date = new Intl.DateTimeFormat(localeOf('en'), { day: 'numeric', month: 'long' });
  expect(date.format(new Date(2026, 4, 17))).toBe('17 May');
  language.mockReturnValue('zh-Hant-TW');
  expect(localeOf('en')).toBe(`en-TW-u-hc-${hourCycle}`);
  for (const none of ['C', 'c', '', 'posix']) {
    language.mockReturnValue(none);
    expect(localeOf('en'), none).toBeUndefined();
    expect(localeOf('de'), none).toBe(`de-u-hc-${hourCycle}`);
  }
  language.mockRestore();
});

test('the time elsewhere is told with its day, and only where it is another one', () => {
  const noon = Date.UTC(2026, 10, 18, 12, 0);
  const here = ownTimeZone();
  expect(formatClockIn(here, noon)).toBeNull();
  expect(formatClockIn('', noon)).toBeNull();
  expect(formatClockIn('Nowhere/Atlantis', noon)).toBeNull();
  expect(formatClockIn('../etc/passwd', noon)).toBeNull();
  const times = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'].map((zone) =>
    formatClockIn(zone, noon),
  );
  expect(new Set(times).size).toBe(2);
  for (const time of times) expect(time).toMatch(/\d/);
});
