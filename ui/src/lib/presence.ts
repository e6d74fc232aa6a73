import type { Availability } from '../ipc';
import { formatShort, isDate, nextDay } from './format-time';
import { text } from './text';

/** When a status can end: after a duration, at the end of the day or of the week, at a time, or never. */
export const STATUS_ENDS = ['never', 'halfHour', 'hour', 'today', 'week', 'time'] as const;
export type StatusEnd = (typeof STATUS_ENDS)[number];

/** The suggested statuses, each with its default end. */
export const STATUSES = [
  { name: 'back', emoji: '☕', end: 'halfHour' },
  { name: 'meeting', emoji: '🗓️', end: 'hour' },
  { name: 'home', emoji: '🏠', end: 'today' },
  { name: 'holiday', emoji: '🌴', end: 'week' },
] as const satisfies { name: string; emoji: string; end: StatusEnd }[];

/** The emoji of a status without one, so that something is visible beside the name. */
export const DEFAULT_STATUS_EMOJI = '💬';

/** Returns the next occurrence of a clock time such as `16:00`, or null if it is not a valid one. */
function nextOccurrence(time: string, now: number): number | null {
  const [hours, minutes] = time.split(':').map(Number);
  if (hours === undefined || minutes === undefined || !(hours < 24 && minutes < 60)) return null;
  const date = new Date(now);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= now) date.setDate(date.getDate() + 1);
  return date.getTime();
}

/** Returns when a status that is set at `now` ends, or null if it never does. A week ends on Sunday. */
export function statusEnd(end: StatusEnd, now: number, time = ''): number | null {
  switch (end) {
    case 'never':
      return null;
    case 'halfHour':
      return now + 30 * 60_000;
    case 'hour':
      return now + 60 * 60_000;
    case 'today':
      return nextDay(now);
    case 'week': {
      const monday = new Date(nextDay(now));
      monday.setDate(monday.getDate() + ((8 - monday.getDay()) % 7));
      return monday.getTime();
    }
    case 'time':
      return nextOccurrence(time, now);
  }
}

/** Returns whether a state has a badge on the picture. Offline and unknown have none. */
export const hasBadge = (state: Availability | null | undefined): state is Availability =>
  state !== null && state !== undefined && state !== 'offline';

/** Returns a presence as text: the state, or the time at which the person was last online, if that is known. */
export const describePresence = (
  state: Availability,
  lastSeenAt: number | null,
  now: number,
): string =>
  lastSeenAt !== null && isDate(lastSeenAt)
    ? text.lastSeen({ when: formatShort(lastSeenAt, now) })
    : text.availability[state];
