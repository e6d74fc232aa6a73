/** A time that never comes. */
export const FOR_EVER = 8_640_000_000_000_000;

/** For how long one may mute: an hour, until tomorrow at eight in the morning, for ever. */
export const MUTE_TIMES = ['hour', 'tomorrow', 'ever'] as const;

/** When that ends, if it begins now. */
export function muteUntil(name: (typeof MUTE_TIMES)[number], now: number): number {
  if (name === 'hour') return now + 3_600_000;
  if (name === 'ever') return FOR_EVER;
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return tomorrow.setHours(8, 0, 0, 0);
}
