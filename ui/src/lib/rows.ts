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
      const grouped =
        !day &&
        !unread &&
        before?.senderId === item.senderId &&
        item.sentAt - before.sentAt < GROUP_MS;
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
