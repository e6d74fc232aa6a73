import type { TimelineItem } from '../ipc';
import { dayOf } from './format-time';

/** A message, and what its neighbours decide about its appearance. */
export type Row = {
  item: TimelineItem;
  /** Whether the message is the first of its day. */
  day: boolean;
  /** Whether the message is the first unread one. */
  unread: boolean;
  /** Whether the message stands under the name of the previous one. */
  grouped: boolean;
};

/** Messages of one sender less than this apart stand under one name, in milliseconds. */
const GROUP_MS = 5 * 60 * 1000;

/** Returns whether a message stands under the name of the previous one if no divider is between them. */
const isGrouped = (before: TimelineItem | undefined, item: TimelineItem) =>
  before?.senderId === item.senderId && item.sentAt - before.sentAt < GROUP_MS;

/** The smallest height of a row in rem, with one line: `LINE` without a name above it, `NAMED` with one. */
export const LINE = 1.375;
const NAMED = 2.625;

/** The smallest average width of letters, in rem. */
const LETTER = 0.34;

/** The size of the area for messages, in rem. */
export type Room = { high: number; wide: number };

/**
 * Returns the smallest number of lines that a message takes. It is one if the message has markup, which may be shown
 * in other lines than it was written in.
 */
function linesOf({ body, blocks }: TimelineItem, wide: number) {
  if (blocks) return 1;
  const long = (line: string) => Math.ceil((line.length * LETTER) / wide || 1);
  return body.split('\n').reduce((lines, line) => lines + long(line), 0);
}

/** Returns as many of the newest messages as fill the area, even if each is as low as it can be. */
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

/** Makes rows from messages. An unchanged row stays the same object, so that the page does not render it again. */
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

/**
 * Returns the messages `now`. An unchanged message stays the same object as in `before`, and therefore so does its
 * row.
 */
export function keptItems(before: TimelineItem[], now: TimelineItem[]): TimelineItem[] {
  const held = new Map(before.map((item) => [item.id, item]));
  return now.map((item) => {
    const was = held.get(item.id);
    return was && JSON.stringify(was) === JSON.stringify(item) ? was : item;
  });
}
