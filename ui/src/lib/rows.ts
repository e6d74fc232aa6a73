import type { TimelineItem } from '../ipc';
import { dayOf } from './format-time';

/** A message, and what of its surroundings shows on it. */
export type Row = {
  item: TimelineItem;
  /** It is the first of its day. */
  day: boolean;
  /** It is the first that is unread. */
  unread: boolean;
  /** It stands under the name of the one before. */
  grouped: boolean;
};

/** Messages of one sender within this time stand under one name. */
const GROUP_MS = 5 * 60 * 1000;

/** Whether a message stands under the name of the one before, if no divider is between them. */
const isGrouped = (before: TimelineItem | undefined, item: TimelineItem) =>
  before?.senderId === item.senderId && item.sentAt - before.sentAt < GROUP_MS;

/** The lowest that a row is, in rem: of one line, without and with a name above it. */
export const LINE = 1.375;
const NAMED = 2.625;

/** The narrowest that letters are on the whole, in rem. */
const LETTER = 0.34;

/** A place for messages, in rem. */
export type Room = { high: number; wide: number };

/** The fewest lines that a message takes; one, if marks in it are not shown as they were written. */
function linesOf({ body, blocks }: TimelineItem, wide: number) {
  if (blocks) return 1;
  const long = (line: string) => Math.ceil((line.length * LETTER) / wide || 1);
  return body.split('\n').reduce((lines, line) => lines + long(line), 0);
}

/** As many of the newest of these messages as fill a place, even if each is as low as it can be. */
export function newestThatFill(items: TimelineItem[], { high, wide }: Room): TimelineItem[] {
  let at = items.length;
  while (at > 0 && high > 0) {
    at--;
    const item = items[at]!;
    high -= isGrouped(items[at - 1], item) ? LINE : NAMED;
    high -= (linesOf(item, wide) - 1) * LINE;
  }
  return items.slice(at);
}

/** Makes rows of messages. A row that is as it was stays the same object, so that the page leaves it alone. */
export class Rows {
  #held = new Map<string, Row>();

  of(items: TimelineItem[], unreadFrom: number | null): Row[] {
    const held = new Map<string, Row>();
    let before: TimelineItem | undefined;
    let passed = false;
    const rows = items.map((item) => {
      const day = !before || dayOf(before.sentAt) !== dayOf(item.sentAt);
      const unread = !passed && unreadFrom !== null && (item.seq ?? 0) >= unreadFrom;
      passed ||= unread;
      const grouped = !day && !unread && isGrouped(before, item);
      before = item;
      const was = this.#held.get(item.id);
      const same =
        was?.item === item && was.day === day && was.unread === unread && was.grouped === grouped;
      const row = same ? was : { item, day, unread, grouped };
      held.set(item.id, row);
      return row;
    });
    this.#held = held;
    return rows;
  }
}

/** The messages now; one that is as it was stays the same object, so that its row does. */
export function keptItems(before: TimelineItem[], now: TimelineItem[]): TimelineItem[] {
  const held = new Map(before.map((item) => [item.id, item]));
  return now.map((item) => {
    const was = held.get(item.id);
    return was && JSON.stringify(was) === JSON.stringify(item) ? was : item;
  });
}
