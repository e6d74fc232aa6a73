/** A period: at or after the first time, and before the second; null for no limit. */
export type Period = { from: number | null; until: number | null };

/** Returns the midnight at which a day of a date input begins, or one of the following days; NaN if it is not a day. */
function midnight(day: string, later = 0): number {
  const date = new Date(`${day}T00:00:00`);
  // The next day may begin 23 or 25 hours later.
  date.setDate(date.getDate() + later);
  return date.getTime();
}

/**
 * Returns the period from the beginning of one day to the end of another, both as in date inputs and empty for no limit.
 * Returns null if one is not a day, or if the first is after the last.
 */
export function periodOf(first: string, last: string): Period | null {
  const from = first.trim() === '' ? null : midnight(first.trim());
  const until = last.trim() === '' ? null : midnight(last.trim(), 1);
  if (Number.isNaN(from) || Number.isNaN(until)) return null;
  return from !== null && until !== null && from >= until ? null : { from, until };
}
