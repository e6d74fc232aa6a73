import type { TimelineItem } from '../ipc';
import { lineOf } from './files';
import { formatFull } from './format-time';

/**
 * Returns the text of a message that forwards others: for each one a quote with its author, its time and its text. All
 * of it is a quote, so that neither the text nor a name in it mentions anybody again.
 */
export const forwarded = (items: TimelineItem[], from: string) =>
  items
    .map((item) => {
      const author = `**${plain(item.sender)}** in ${plain(from)}, ${formatFull(item.sentAt)}:`;
      const lines = [author, '', ...said(item)].join('\n').split('\n');
      return lines.map((line) => `> ${line}`).join('\n');
    })
    .join('\n\n');

/** Returns messages as plain text for the clipboard: one message as its body, several with time and author. */
export const copied = (items: TimelineItem[]) =>
  items.length === 1
    ? said(items[0]!).join('\n')
    : items
        .map((item) => `[${formatFull(item.sentAt)}] ${item.sender}: ${said(item).join('\n')}`)
        .join('\n');

/** Returns the text of a message, and what its files are called: they themselves stay where they are. */
const said = ({ body, files }: TimelineItem) => [body, lineOf(files)].filter((line) => line !== '');

/** Escapes a name so that none of its characters is read as markup. */
const plain = (name: string) => name.replace(/[\\`*_[\]<>~|#]/g, '\\$&');
