/** Formats times for people. No other module does (eslint.config.js). */
import { ENGLISH, perLanguage } from './text/locale';

/** Returns a formatter that is created at its first use, since the first paint needs only few. */
function lazy(options: Intl.DateTimeFormatOptions): (at: number) => string {
  const made = perLanguage((language) => new Intl.DateTimeFormat(localeOf(language), options));
  return (at) => made().format(at);
}

const weekday = lazy({ weekday: 'short' });
const dayMonth = lazy({ day: 'numeric', month: 'short' });
const date = lazy({ day: 'numeric', month: 'short', year: 'numeric' });
const month = lazy({ month: 'long', year: 'numeric' });
const longDay = lazy({ weekday: 'long', day: 'numeric', month: 'long' });
const longDate = lazy({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** Returns a day in the form that date inputs use: 2024-05-17. */
export const dayInput = (time: number) => {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Returns the local midnight at the start of the day that contains `at`. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/**
 * Returns the local midnight at the end of the day. A day on which daylight saving time begins or ends is shorter or
 * longer than 24 hours.
 */
export function nextDay(at: number): number {
  return daysAfter(at, 1);
}

function daysAfter(at: number, days: number): number {
  const day = new Date(dayOf(at));
  return dayOf(day.setDate(day.getDate() + days));
}

const TO_THE_MINUTE = { hour: 'numeric', minute: '2-digit' } as const;

/**
 * Returns a clock format with 12 or 24 hours, as `language` has it. The locale without a country (C) does not say,
 * and gets 24 hours.
 */
export function clockIn(language: string | undefined): Intl.DateTimeFormat {
  const made = new Intl.DateTimeFormat(language, TO_THE_MINUTE);
  const { hourCycle, locale } = made.resolvedOptions();
  if (hourCycle !== 'h24' && !locale.includes('posix')) return made;
  return new Intl.DateTimeFormat(language, { ...TO_THE_MINUTE, hour: '2-digit', hourCycle: 'h23' });
}

/** A language and an optional country in the system's locale name. */
const SYSTEM = /^([a-z]{2,3})\b(?:-[a-z]{4}\b)?(?:-([a-z]{2}|\d{3})\b)?/i;

/**
 * Returns the locale of a language in the system's country, which decides the order of a date and the clock. Returns
 * nothing if it is the system's own language: the default locale serves then.
 */
export function localeOf(language: string): string | undefined {
  // The locale without a country (C) is not a valid language name; Intl writes English there.
  const [, spoken = ENGLISH, region] = SYSTEM.exec(navigator.language) ?? [];
  if (spoken === language) return undefined;
  const { hourCycle } = clockIn(undefined).resolvedOptions();
  return new Intl.Locale(language, { region, hourCycle }).toString();
}

const clock = perLanguage((language) => clockIn(localeOf(language)));

/** Returns "14:02", or "2:02 PM" where the locale writes it so. */
export const formatClock = (at: number): string => clock().format(at);

/**
 * Returns the time in a time zone, with the weekday if it is another one than here. Returns null if the time is the
 * same as here, or if this system does not know the time zone.
 */
export function formatClockIn(zone: string, at: number): string | null {
  if (zone === '') return null;
  try {
    const { locale, hourCycle } = clock().resolvedOptions();
    const there = new Intl.DateTimeFormat(locale, { ...TO_THE_MINUTE, hourCycle, timeZone: zone });
    const day = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: zone });
    const isSameDay = day.format(at) === weekday(at);
    if (isSameDay && there.format(at) === formatClock(at)) return null;
    return isSameDay ? there.format(at) : `${day.format(at)} ${there.format(at)}`;
  } catch {
    // Others wrote the name, and this system does not know it.
    return null;
  }
}

/** Returns the short name of a day of the week, counted from Monday. */
export const weekdayName = (at: number): string => weekday(new Date(2024, 0, 1 + at, 12).getTime());

/** Returns the names of all time zones but this computer's, with `chosen`, which this system may not list. */
export function otherTimeZones(chosen: string): string[] {
  const all = Intl.supportedValuesOf?.('timeZone') ?? [];
  const here = ownTimeZone();
  return [...new Set([...all, chosen])].filter((zone) => zone !== here && zone !== '');
}

/** Returns the name of this computer's time zone. */
export const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the time without "PM", for places with little room. */
export function formatClockShort(at: number): string {
  const parts = clock().formatToParts(at);
  return parts
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();
}

/**
 * Returns a time for the list: "14:02" today, "Tue" this week, "12 Mar" this year, else "12 Mar 2021". The text of a
 * past time changes only at midnight.
 */
export function formatShort(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return formatClock(at);
  if (dayOf(at) < now && at >= daysAfter(now, -6)) return weekday(at);
  return sameYear(at, now) ? dayMonth(at) : date(at);
}

/** Returns "March 2026". */
export const formatMonth = month;

/** Returns "12 Mar 2026". */
export const formatDate = date;

/** Returns a day for a divider: "Thursday 19 November", with the year if it is another one than that of `now`. */
export const formatDay = (at: number, now: number) =>
  sameYear(at, now) ? longDay(at) : longDate(at);

/** The day that was formatted last. Consecutive messages are often of the same day. */
let written = { day: NaN, as: '' };

/** Returns "Thursday, 19 November 2026, 14:02". */
export function formatFull(at: number): string {
  const day = dayOf(at);
  if (day !== written.day) written = { day, as: longDate(at) };
  return `${written.as}, ${formatClock(at)}`;
}

const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();
