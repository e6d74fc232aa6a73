import { expect, test, vi } from 'vitest';
import {
  clockIn,
  dateTime,
  formatClock,
  formatClockIn,
  formatClockShort,
  formatDate,
  formatDay,
  formatFull,
  formatMonth,
  formatShort,
  isDate,
  localeOf,
  nextDay,
  ownTimeZone,
  setTimeLocale,
} from './format-time';

test('a full time has the day and the clock time, independent of earlier calls', () => {
  const noon = new Date(2026, 5, 1, 12, 5).getTime();
  const next = new Date(2026, 5, 2, 12, 5).getTime();
  const first = formatFull(noon);
  expect(first).toContain('2026');
  expect(first.endsWith(formatClock(noon))).toBe(true);
  expect(formatFull(next)).not.toBe(first);
  expect(formatFull(noon)).toBe(first);
});

test('midnight is written as 0 or 12 hours depending on the language, and never as 24', () => {
  const at = new Date(2026, 5, 1, 0, 5).getTime();
  const formatted = (language: string) => clockIn(language).format(at).replace(/\s/g, ' ');
  expect(formatted('en-US')).toBe('12:05 AM');
  expect(formatted('en-US-u-hc-h23')).toBe('00:05');
  expect(formatted('en-US-u-hc-h24')).toBe('00:05');
  expect(formatted('en-US-u-va-posix')).toBe('00:05');
  for (const language of ['en-GB', 'de', 'fr', 'ja']) {
    expect(formatted(language)).toMatch(/^0?0:05$/);
  }
});

test('a short time has no letters', () => {
  const at = new Date(2026, 5, 1, 15, 5).getTime();
  expect(formatClockShort(at)).toMatch(/^(3|15)[:.]05$/);
  expect(formatClock(at).startsWith(formatClockShort(at))).toBe(true);
});

test('a short time changes only at midnight', () => {
  const day = (n: number, hour = 0) => new Date(2026, 5, n, hour).getTime();
  const time = day(10, 15);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(undefined, options).format(time);
  const [weekday, date] = [
    format({ weekday: 'short' }),
    format({ day: 'numeric', month: 'short' }),
  ];
  for (const [from, expected] of [
    [10, formatClock(time)],
    [11, weekday],
    [16, weekday],
    [17, date],
  ] as const) {
    expect(formatShort(time, day(from))).toBe(expected);
    expect(formatShort(time, nextDay(day(from)) - 1)).toBe(expected);
  }
  expect(formatShort(time, day(10, 1))).toBe(formatClock(time));
  expect(formatShort(time, day(9))).toBe(date);
  expect(formatShort(time, new Date(2027, 0, 1).getTime())).toBe(formatDate(time));
});

test('a date has the chosen language, and the order and clock of the system’s country', () => {
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

test('the clock and the order of a date follow the system’s locale for times', () => {
  const at = new Date(2026, 4, 17, 15, 5).getTime();
  for (const [tag, time] of [
    ['de-DE', '15:05'],
    ['en-US', '3:05 PM'],
  ] as const) {
    setTimeLocale(tag);
    const clock = new Intl.DateTimeFormat(localeOf('en'), { hour: 'numeric', minute: '2-digit' });
    expect(clock.format(at).replace(/\s/g, ' ')).toBe(time);
  }
  setTimeLocale('de-DE');
  const date = new Intl.DateTimeFormat(localeOf('en'), { day: 'numeric', month: 'long' });
  expect(date.format(at)).toBe('17 May');
  const before = localeOf('de');
  for (const none of ['not a tag', null]) {
    setTimeLocale(none);
    expect(localeOf('de'), String(none)).not.toBe(before);
  }
});

test('formats that were prepared before the system’s locale was known are not used after it', () => {
  const at = new Date(2026, 4, 17, 15, 5).getTime();
  setTimeLocale('en-US');
  const american = [formatFull(at), formatClock(at)];
  setTimeLocale('de-DE');
  const german = [formatFull(at), formatClock(at)];
  setTimeLocale('en-US');
  expect([formatFull(at), formatClock(at)]).toEqual(american);
  expect(german[0]).toMatch(/^Sunday,? 17 May 2026, 15:05$/);
  expect(american[1]!.replace(/\s/g, ' ')).toBe('3:05 PM');
  setTimeLocale(null);
});

test('the time in another zone has its weekday, and is null if it is the same as here', () => {
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

/** Every day of a leap year, each at another time of the day. */
const TIMES = Array.from({ length: 366 }, (_, day) =>
  new Date(2024, 0, 1 + day, day % 24, (day * 7) % 60).getTime(),
);

/** Returns the module as it is after the start on a system with this locale. */
async function startedIn(systemLanguage: string, timeLocale: string | null = null) {
  vi.resetModules();
  vi.spyOn(navigator, 'language', 'get').mockReturnValue(systemLanguage);
  const started = await import('./format-time');
  started.setTimeLocale(timeLocale);
  return started;
}

/** Returns everything that is written about a time, by what has these formats. */
const written = (formats: typeof import('./format-time'), time: number) => {
  const sameYear = new Date(2024, 11, 31, 23, 59).getTime();
  return [
    ...[formats.formatClock(time), formats.formatDate(time), formats.formatMonth(time)],
    ...[formats.formatFull(time), formats.formatDay(time, sameYear), formats.formatDay(time, 0)],
    ...[formats.formatShort(time, sameYear), formats.formatShort(time, time + 3 * 86_400_000)],
  ].map((text) => text.replace(/\s/g, ' '));
};

test.each([
  ['en-US', null],
  ['en-GB', null],
  ['de-AT', null],
  ['ar-EG', null],
  ['fa-IR', null],
  ['hi-IN', null],
  ['en-US', 'de-DE'],
  ['en-US', 'en-GB'],
])('times in %s, with %s for times, are those of Intl', async (system, timeLocale) => {
  const original = Intl.DateTimeFormat;
  // The tests' own default locale is American English.
  const formats = vi.spyOn(Intl, 'DateTimeFormat');
  formats.mockImplementation(function (locale, options) {
    return new original(locale ?? system, options);
  });
  const started = await startedIn(system, timeLocale);
  const locale = started.localeOf('en') ?? system;
  const format = (options: Intl.DateTimeFormatOptions) => (time: number) =>
    new original(locale, options).format(time).replace(/\s/g, ' ');
  const [clock, date, month, longDay, longDate, dayMonth, weekday] = [
    (time: number) => started.clockIn(locale).format(time).replace(/\s/g, ' '),
    format({ day: 'numeric', month: 'short', year: 'numeric' }),
    format({ month: 'long', year: 'numeric' }),
    format({ weekday: 'long', day: 'numeric', month: 'long' }),
    format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    format({ day: 'numeric', month: 'short' }),
    format({ weekday: 'short' }),
  ];
  for (const time of TIMES.slice(0, 350)) {
    expect(written(started, time)).toEqual([
      ...[clock(time), date(time), month(time), `${longDate(time)}, ${clock(time)}`],
      ...[longDay(time), longDate(time), dayMonth(time), weekday(time)],
    ]);
  }
  vi.restoreAllMocks();
});

test.each(['en-US', 'C', 'c', ''])('in the locale “%s”, no time needs Intl', async (system) => {
  const formats = vi.spyOn(Intl, 'DateTimeFormat');
  const started = await startedIn(system);
  for (const time of TIMES) {
    written(started, time);
    started.formatClockShort(time);
  }
  expect(formats).not.toHaveBeenCalled();
  const afternoon = new Date(2024, 0, 1, 15, 5).getTime();
  expect(started.formatClock(afternoon)).toBe(system === 'en-US' ? '3:05 PM' : '15:05');
  expect(started.formatClockShort(afternoon)).toBe(system === 'en-US' ? '3:05' : '15:05');
  vi.restoreAllMocks();
});

test('a time that no date can be is shown as nothing', () => {
  const now = new Date(2026, 5, 1, 12).getTime();
  for (const time of [8.64e15 + 1, -8.64e15 - 1, 2 ** 63, -(2 ** 63), NaN]) {
    const formatted = [
      ...[formatClock(time), formatClockShort(time), formatFull(time), formatDate(time)],
      ...[formatShort(time, now), formatDay(time, now), formatMonth(time)],
    ];
    expect(formatted, String(time)).toEqual(formatted.map(() => ''));
    expect([isDate(time), dateTime(time)]).toEqual([false, undefined]);
  }
  for (const time of [8.64e15, -8.64e15, 0, now]) {
    expect(isDate(time)).toBe(true);
    expect(dateTime(time)).toBe(new Date(time).toISOString());
    expect(formatFull(time)).toMatch(/\d, .*\d/);
    expect(formatShort(time, now)).toMatch(/\d/);
  }
});

test('no component formats a time by itself', () => {
  const sources = import.meta.glob('../**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const formatting = Object.entries(sources).filter(([, source]) =>
    /\.to(Locale|ISO|UTC|Date|Time)(Date|Time)?String\(/.test(source),
  );
  expect(formatting.map(([name]) => name)).toEqual([]);
});
