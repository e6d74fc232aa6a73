import type { Availability } from '../ipc';
import { nextDay } from './format-time';

/** When a status can end: after so long, at the end of the day or of the week, at a time, or not by itself. */
export const STATUS_ENDS = ['never', 'halfHour', 'hour', 'today', 'week', 'time'] as const;
export type StatusEnd = (typeof STATUS_ENDS)[number];

/** Statuses to choose from, each with the time at which it ends by itself. */
export const STATUSES = [
  { name: 'back', emoji: '☕', end: 'halfHour' },
  { name: 'meeting', emoji: '🗓️', end: 'hour' },
  { name: 'home', emoji: '🏠', end: 'today' },
  { name: 'holiday', emoji: '🌴', end: 'week' },
] as const satisfies { name: string; emoji: string; end: StatusEnd }[];

/** The emoji of a status for which none was chosen: otherwise nothing would be seen of it beside a name. */
export const PLAIN_STATUS = '💬';

/** Returns the next time at which the clock shows this, such as `16:00`; null if it never does. */
function nextAt(time: string, now: number): number | null {
  const [hours, minutes] = time.split(':').map(Number);
  if (hours === undefined || minutes === undefined || !(hours < 24 && minutes < 60)) return null;
  const at = new Date(now);
  at.setHours(hours, minutes, 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}

/** Returns when a status ends that is set at `now`; null if it does not end by itself. A week ends with its Sunday. */
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
      return nextAt(time, now);
  }
}

/** Whether a state has a sign beside the picture: who is offline, or of whom nothing is known, has none. */
export const hasSign = (state: Availability | null | undefined): state is Availability =>
  state !== null && state !== undefined && state !== 'offline';
