/** Times as people say them. Nothing else writes one (eslint.config.js). */
import { ENGLISH, perLanguage } from './text/locale';

/** A format, made when it is first asked for: the first paint waits for few. */
function lazy(options: Intl.DateTimeFormatOptions): (at: number) => string {
  const made = perLanguage((language) => new Intl.DateTimeFormat(localeOf(language), options));
  return (at) => made().format(at);
}

const weekday = lazy({ weekday: 'short' });
const dayMonth = lazy({ day: 'numeric', month: 'short' });
const date = lazy({ day: 'numeric', month: 'short', year: 'numeric' });
const longDay = lazy({ weekday: 'long', day: 'numeric', month: 'long' });
const longDate = lazy({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** A day as fields for dates have it: 2024-05-17. */
export const dayInput = (time: number) => {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Midnight before a time, here. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Midnight after a time, here; a day that daylight saving begins or ends in is shorter or longer. */
export function nextDay(at: number): number {
  return daysAfter(at, 1);
}

function daysAfter(at: number, days: number): number {
  const day = new Date(dayOf(at));
  return dayOf(day.setDate(day.getDate() + days));
}

const TO_THE_MINUTE = { hour: 'numeric', minute: '2-digit' } as const;

/** A clock of 12 or 24 hours, as a language has it. Of the language of no country (C) nobody knows: of 24. */
export function clockIn(language: string | undefined): Intl.DateTimeFormat {
  const made = new Intl.DateTimeFormat(language, TO_THE_MINUTE);
  const { hourCycle, locale } = made.resolvedOptions();
  if (hourCycle !== 'h24' && !locale.includes('posix')) return made;
  return new Intl.DateTimeFormat(language, { ...TO_THE_MINUTE, hour: '2-digit', hourCycle: 'h23' });
}

/** A language and a country in the name of what a system is set to. */
const SYSTEM = /^([a-z]{2,3})\b(?:-[a-z]{4}\b)?(?:-([a-z]{2}|\d{3})\b)?/i;

/**
 * A language with the system's country, which decides the order of a date and the clock; nothing, and nothing to be
 * made, where it is the system's language.
 */
export function localeOf(language: string): string | undefined {
  // Where the system has the language of no country (C), this is no name of a language, and Intl writes English.
  const [, spoken = ENGLISH, region] = SYSTEM.exec(navigator.language) ?? [];
  if (spoken === language) return undefined;
  const { hourCycle } = clockIn(undefined).resolvedOptions();
  return new Intl.Locale(language, { region, hourCycle }).toString();
}

const clock = perLanguage((language) => clockIn(localeOf(language)));

/** "14:02", or "2:02 PM" where people say so. */
export const formatClock = (at: number): string => clock().format(at);

/** The clock where there is little room: without "PM". */
export function formatClockShort(at: number): string {
  const parts = clock().formatToParts(at);
  return parts
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();
}

/** For the list: "14:02" today, "Tue" this week, "12 Mar" this year, else "12 Mar 2021". Only midnight changes it. */
export function formatShort(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return formatClock(at);
  if (dayOf(at) < now && at >= daysAfter(now, -6)) return weekday(at);
  return sameYear(at, now) ? dayMonth(at) : date(at);
}

/** "12 Mar 2026". */
export const formatDate = date;

/** For a divider: "Thursday 19 November", with the year if it is another. */
export const formatDay = (at: number, now: number) =>
  sameYear(at, now) ? longDay(at) : longDate(at);

/** The day that was written last: messages of one day follow each other. */
let written = { day: NaN, as: '' };

/** "Thursday, 19 November 2026, 14:02". */
export function formatFull(at: number): string {
  const day = dayOf(at);
  if (day !== written.day) written = { day, as: longDate(at) };
  return `${written.as}, ${formatClock(at)}`;
}

const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();
