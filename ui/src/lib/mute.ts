/** A time that never comes. */
export const FOR_EVER = 8_640_000_000_000_000;

/** Until when one may mute: an hour, tomorrow at eight in the morning, for ever. */
export function muteTimes(now: number) {
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  tomorrow.setHours(8, 0, 0, 0);
  return [
    { name: 'hour', until: now + 3_600_000 },
    { name: 'tomorrow', until: tomorrow.getTime() },
    { name: 'ever', until: FOR_EVER },
  ] as const;
}
