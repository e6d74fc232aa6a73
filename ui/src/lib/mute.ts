/** The latest time that a `Date` can hold, which stands for "never ends". */
export const FOR_EVER = 8_640_000_000_000_000;

/** The durations for which a conversation can be muted: an hour, until 8:00 tomorrow, for ever. */
export const MUTE_TIMES = ['hour', 'tomorrow', 'ever'] as const;

/** Returns the time at which muting ends if it starts at `now`. */
export function muteUntil(name: (typeof MUTE_TIMES)[number], now: number): number {
  if (name === 'hour') return now + 3_600_000;
  if (name === 'ever') return FOR_EVER;
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return tomorrow.setHours(8, 0, 0, 0);
}
