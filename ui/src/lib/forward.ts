import type { TimelineItem } from '../ipc';
import { formatFull } from './format-time';

/** What forwarding messages says: who wrote each, when, and its text as a quote. */
export const forwarded = (items: TimelineItem[], from: string) =>
  items
    .map((item) => {
      const quoted = item.body.split('\n').map((line) => `> ${line}`);
      return [
        `**${plain(item.sender)}** in ${plain(from)}, ${formatFull(item.sentAt)}:`,
        ...quoted,
      ].join('\n');
    })
    .join('\n\n');

/** Several messages as text for elsewhere. */
export const copied = (items: TimelineItem[]) =>
  items.length === 1
    ? items[0]!.body
    : items.map((item) => `[${formatFull(item.sentAt)}] ${item.sender}: ${item.body}`).join('\n');

/** A name in which nothing is a sign of markup. */
const plain = (name: string) => name.replace(/[\\`*_[\]<>~|#]/g, '\\$&');
