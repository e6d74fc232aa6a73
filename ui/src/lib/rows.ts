import type { TimelineItem } from '../ipc';
import { dayOf } from './format-time';

/** A message with the parts of its appearance that depend on its neighbours. */
export type Row = {
  item: TimelineItem;
  /** Whether the message is the first of its day. */
  day: boolean;
  /** Whether the message is the first unread one. */
  unread: boolean;
  /** Whether the message is shown under the name of the previous one. */
  grouped: boolean;
};

/** Messages of one sender less than this apart are grouped under one name, in milliseconds. */
const GROUP_MS = 5 * 60 * 1000;

/** Returns whether a message is grouped with the previous one if no divider is between them. */
const isGrouped = (before: TimelineItem | undefined, item: TimelineItem) =>
  before?.senderId === item.senderId && item.sentAt - before.sentAt < GROUP_MS;

/** The minimum height of a row in rem: `LINE` without a name above it, `NAMED` with one. */
export const LINE = 1.375;
const NAMED = 2.625;

/** The minimum average width of letters, in rem. */
const LETTER = 0.34;

/** The size of the area for messages, in rem. */
export type Area = { height: number; width: number };

/**
 * Returns the minimum number of lines of a message. It is one if the message has markup, whose lines may be shown
 * differently.
 */
function linesOf({ body, blocks }: TimelineItem, width: number) {
  if (blocks) return 1;
  const wrapped = (line: string) => Math.ceil((line.length * LETTER) / width || 1);
  return body.split('\n').reduce((lines, line) => lines + wrapped(line), 0);
}

/** Returns as many of the newest messages as fill the area if each has its minimum height. */
export function newestThatFill(items: TimelineItem[], { height, width }: Area): TimelineItem[] {
  let first = items.length;
  while (first > 0 && height > 0) {
    first--;
    const item = items[first]!;
    height -= isGrouped(items[first - 1], item) ? LINE : NAMED;
    height -= (linesOf(item, width) - 1) * LINE;
  }
  return items.slice(first);
}

/** Creates rows from messages. An unchanged row stays the same object, so that the page does not render it again. */
export class RowBuilder {
  #rows = new Map<string, Row>();

  build(items: TimelineItem[], unreadFrom: number | null): Row[] {
    const byId = new Map<string, Row>();
    let before: TimelineItem | undefined;
    let isPastUnread = false;
    const rows = items.map((item) => {
      const day = !before || !Object.is(dayOf(before.sentAt), dayOf(item.sentAt));
      const unread = !isPastUnread && unreadFrom !== null && (item.seq ?? 0) >= unreadFrom;
      isPastUnread ||= unread;
      const grouped = !day && !unread && isGrouped(before, item);
      before = item;
      const previous = this.#rows.get(item.id);
      const isSame =
        previous?.item === item &&
        previous.day === day &&
        previous.unread === unread &&
        previous.grouped === grouped;
      const row = isSame ? previous : { item, day, unread, grouped };
      byId.set(item.id, row);
      return row;
    });
    this.#rows = byId;
    return rows;
  }
}

/**
 * Returns the messages `now`, with the objects of `before` for those that are unchanged, so that their rows do not
 * change either.
 */
export function reuseItems(before: TimelineItem[], now: TimelineItem[]): TimelineItem[] {
  const byId = new Map(before.map((item) => [item.id, item]));
  return now.map((item) => {
    const previous = byId.get(item.id);
    return previous && JSON.stringify(previous) === JSON.stringify(item) ? previous : item;
  });
}
