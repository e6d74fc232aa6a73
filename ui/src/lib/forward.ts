import type { TimelineItem } from '../ipc';
import { formatFull } from './format-time';

/**
 * Returns the text of a message that forwards others: for each one a quote with its author, its time and its text. All
 * of it is a quote, so that neither the text nor a name in it mentions anybody again.
 */
export const forwarded = (items: TimelineItem[], from: string) =>
  items
    .map((item) => {
      const author = `**${plain(item.sender)}** in ${plain(from)}, ${formatFull(item.sentAt)}:`;
      const lines = [author, '', item.body].join('\n').split('\n');
      return lines.map((line) => `> ${line}`).join('\n');
    })
    .join('\n\n');

/** Returns messages as plain text for the clipboard: one message as its body, several with time and author. */
export const copied = (items: TimelineItem[]) =>
  items.length === 1
    ? items[0]!.body
    : items.map((item) => `[${formatFull(item.sentAt)}] ${item.sender}: ${item.body}`).join('\n');

/** Escapes a name so that none of its characters is read as markup. */
const plain = (name: string) => name.replace(/[\\`*_[\]<>~|#]/g, '\\$&');
