import type { TimelineItem } from '../ipc';
import { formatFull } from './format-time';

/** Returns the text of a message that forwards others: for each one its author, its time and its text as a quote. */
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

/** Returns messages as plain text for the clipboard: one message as its body, several with time and author. */
export const copied = (items: TimelineItem[]) =>
  items.length === 1
    ? items[0]!.body
    : items.map((item) => `[${formatFull(item.sentAt)}] ${item.sender}: ${item.body}`).join('\n');

/** Escapes a name so that none of its characters is read as markup. */
const plain = (name: string) => name.replace(/[\\`*_[\]<>~|#]/g, '\\$&');
