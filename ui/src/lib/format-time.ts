/** Times as people say them. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const date = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const longDay = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const longDate = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

const DAY = 24 * 3600 * 1000;

/** Midnight before a time, here. */
/** A day as fields for dates have it: 2024-05-17. */
export const dayInput = (time: number) => {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "14:02". */
export const formatClock = (at: number) => clock.format(at);

/** For the list: "14:02" today, "Tue" this week, "12 Mar" this year, else "12 Mar 2021". */
export function formatShort(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return clock.format(at);
  if (at > now - 6 * DAY && at < now) return weekday.format(at);
  return sameYear(at, now) ? dayMonth.format(at) : date.format(at);
}

/** "12 Mar 2026". */
export const formatDate = (at: number) => date.format(at);

/** For a divider: "Thursday 19 November", with the year if it is another. */
export const formatDay = (at: number, now: number) =>
  sameYear(at, now) ? longDay.format(at) : longDate.format(at);

/** "Thursday, 19 November 2026 at 14:02". */
export const formatFull = (at: number) => full.format(at);

const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();
