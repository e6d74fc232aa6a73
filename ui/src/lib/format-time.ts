/**
 * Formats times for display. ESLint forbids it in other modules (eslint.config.js). A time that no date can be becomes
 * '', since times come from other people and servers.
 */
import * as american from './american-time';
import { ENGLISH, forgetValues, perLanguage } from './text/locale';

/**
 * Returns a formatter that is created at its first use, since the first paint needs only few. In American English it is
 * `plain`, which needs no `Intl`.
 */
function lazy(
  options: Intl.DateTimeFormatOptions,
  plain: (date: Date) => string,
): (time: number) => string {
  const format = perLanguage((language) =>
    isAmerican(language) ? plain : new Intl.DateTimeFormat(localeOf(language), options).format,
  );
  return (time) => (isDate(time) ? format()(new Date(time)) : '');
}

/** Returns whether a time is one that a date can be: at most 100,000,000 days from 1970. */
export const isDate = (time: number) => !Number.isNaN(new Date(time).getTime());

/** Returns a time for the `datetime` of a `<time>`; undefined if no date can be this time. */
export const dateTime = (time: number) => (isDate(time) ? new Date(time).toISOString() : undefined);

const weekday = lazy({ weekday: 'short' }, american.weekday);
const dayMonth = lazy({ day: 'numeric', month: 'short' }, american.dayMonth);
const date = lazy({ day: 'numeric', month: 'short', year: 'numeric' }, american.date);
const month = lazy({ month: 'long', year: 'numeric' }, american.month);
const longDay = lazy({ weekday: 'long', day: 'numeric', month: 'long' }, american.longDay);
const longDate = lazy(
  { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  american.longDate,
);

/** Returns a day in the form that date inputs use: 2024-05-17. */
export const dayInput = (time: number) => {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Returns the local midnight at the start of the day that contains `time`. */
export function dayOf(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/**
 * Returns the local midnight at the end of the day. A day on which daylight saving time begins or ends is shorter or
 * longer than 24 hours.
 */
export function nextDay(time: number): number {
  return daysAfter(time, 1);
}

function daysAfter(time: number, days: number): number {
  const day = new Date(dayOf(time));
  return dayOf(day.setDate(day.getDate() + days));
}

const TO_THE_MINUTE = { hour: 'numeric', minute: '2-digit' } as const;

/**
 * Returns a clock format with 12 or 24 hours, as is usual in `language`. The C locale does not define it and
 * gets 24 hours.
 */
export function clockIn(language: string | undefined): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat(language, TO_THE_MINUTE);
  const { hourCycle, locale } = format.resolvedOptions();
  if (hourCycle !== 'h24' && !locale.includes('posix')) return format;
  return new Intl.DateTimeFormat(language, { ...TO_THE_MINUTE, hour: '2-digit', hourCycle: 'h23' });
}

/** A language and an optional country in the system's locale name. */
const SYSTEM = /^([a-z]{2,3})\b(?:-[a-z]{4}\b)?(?:-([a-z]{2}|\d{3})\b)?/i;

/** The system's locale for times; undefined if it is the one for texts. */
let timeLocale: string | undefined;

/** Sets the system's locale for times (LC_TIME); null if it is the one for texts. */
export function setTimeLocale(tag: string | null) {
  const before = timeLocale;
  try {
    timeLocale = tag === null ? undefined : Intl.getCanonicalLocales(tag)[0];
  } catch {
    timeLocale = undefined;
  }
  if (timeLocale !== before) forgetValues();
}

/**
 * Returns the locale of a language in the system's country, which decides the order of a date and the clock. Returns
 * undefined if that is the default locale.
 */
export function localeOf(language: string): string | undefined {
  // The C locale is not a valid language tag; Intl falls back to English there.
  const [, systemLanguage = ENGLISH, region] = SYSTEM.exec(timeLocale ?? navigator.language) ?? [];
  if (timeLocale === undefined && systemLanguage === language) return undefined;
  const { hourCycle } = clockIn(timeLocale).resolvedOptions();
  return new Intl.Locale(language, { region, hourCycle }).toString();
}

/** The name of the C locale, as a system may report it. It has the formats of American English, and 24 hours. */
const C_LOCALE = /^(?:c|posix)?$/i;

/** Returns whether times in `language` are those of American English (american-time.ts). */
const isAmerican = (language: string) =>
  language === ENGLISH &&
  timeLocale === undefined &&
  (navigator.language === 'en-US' || C_LOCALE.test(navigator.language));

const clock = perLanguage((language) => clockIn(localeOf(language)));

/** The two forms of a clock time: with "PM", if the locale has it, and without. */
const clocks = perLanguage((language) => {
  if (!isAmerican(language)) return { full: clock().format, short: withoutDayPeriod };
  if (C_LOCALE.test(navigator.language)) return { full: american.clock24, short: american.clock24 };
  return { full: american.clock12, short: american.clock12Short };
});

/** Returns "14:02", or "2:02 PM", depending on the locale. */
export const formatClock = (time: number): string =>
  isDate(time) ? clocks().full(new Date(time)) : '';

/**
 * Returns the time in a time zone, with the weekday if it differs from the local one. Returns null if the time is the
 * same as here, or if this system does not know the time zone.
 */
export function formatClockIn(zone: string, time: number): string | null {
  if (zone === '') return null;
  try {
    const { locale, hourCycle } = clock().resolvedOptions();
    const inZone = new Intl.DateTimeFormat(locale, { ...TO_THE_MINUTE, hourCycle, timeZone: zone });
    const day = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: zone });
    const isSameDay = day.format(time) === weekday(time);
    if (isSameDay && inZone.format(time) === clock().format(time)) return null;
    return isSameDay ? inZone.format(time) : `${day.format(time)} ${inZone.format(time)}`;
  } catch {
    // The name comes from another user, and this system does not know it.
    return null;
  }
}

/** Returns the short name of a day of the week: 0 is Monday. */
export const weekdayName = (day: number): string =>
  weekday(new Date(2024, 0, 1 + day, 12).getTime());

/** Returns the names of all time zones but this computer's, with `chosen`, which this system may not list. */
export function otherTimeZones(chosen: string): string[] {
  const all = Intl.supportedValuesOf?.('timeZone') ?? [];
  const here = ownTimeZone();
  return [...new Set([...all, chosen])].filter((zone) => zone !== here && zone !== '');
}

/** Returns the name of this computer's time zone. */
export const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the time without "PM", for narrow columns. */
export const formatClockShort = (time: number): string =>
  isDate(time) ? clocks().short(new Date(time)) : '';

function withoutDayPeriod(date: Date): string {
  const parts = clock().formatToParts(date);
  return parts
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();
}

/**
 * Returns a time for the list: "14:02" today, "Tue" this week, "12 Mar" this year, else "12 Mar 2021". The text of a
 * past time changes only at midnight.
 */
export function formatShort(time: number, now: number): string {
  if (dayOf(time) === dayOf(now)) return formatClock(time);
  if (dayOf(time) < now && time >= daysAfter(now, -6)) return weekday(time);
  return sameYear(time, now) ? dayMonth(time) : date(time);
}

/** Returns "March 2026". */
export const formatMonth = month;

/** Returns "12 Mar 2026". */
export const formatDate = date;

/** Returns a day for a divider: "Thursday 19 November", with the year if it is not that of `now`. */
export const formatDay = (time: number, now: number) =>
  sameYear(time, now) ? longDay(time) : longDate(time);

/** The day that was formatted last, since consecutive messages are often of the same day. */
const lastDate = perLanguage(() => ({ day: NaN, text: '' }));

/**
 * Creates the formats that every message needs. The page does that while it waits for its data and its font: the first
 * use of Intl takes up to ten milliseconds.
 */
export const prepareFormats = () => void formatFull(0);

/** Returns "Thursday, 19 November 2026, 14:02". */
export function formatFull(time: number): string {
  if (!isDate(time)) return '';
  const [day, last] = [dayOf(time), lastDate()];
  if (day !== last.day) Object.assign(last, { day, text: longDate(time) });
  return `${last.text}, ${formatClock(time)}`;
}

const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();
