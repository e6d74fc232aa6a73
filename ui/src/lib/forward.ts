import type { TimelineItem } from '../ipc';
import { filesSummary } from './files';
import { formatFull } from './format-time';

/**
 * Returns the text of a message that forwards others: for each of them a quote with its author, its time and its text.
 * All of it is quoted, so that neither the text nor a name in it mentions anybody again.
 */
export const forwardText = (items: TimelineItem[], from: string) =>
  items
    .map((item) => {
      const author = `**${escaped(item.sender)}** in ${escaped(from)}, ${formatFull(item.sentAt)}:`;
      const lines = [author, '', ...textOf(item)].join('\n').split('\n');
      return lines.map((line) => `> ${line}`).join('\n');
    })
    .join('\n\n');

/** Returns messages as plain text for the clipboard: one message as its body, several with time and author. */
export const copyText = (items: TimelineItem[]) =>
  items.length === 1
    ? textOf(items[0]!).join('\n')
    : items
        .map((item) => `[${formatFull(item.sentAt)}] ${item.sender}: ${textOf(item).join('\n')}`)
        .join('\n');

/** Returns the text of a message and the description of its files, which are not forwarded themselves. */
const textOf = ({ body, files }: TimelineItem) =>
  [body, filesSummary(files)].filter((line) => line !== '');

/** Escapes a name so that none of its characters is read as markup. */
const escaped = (name: string) => name.replace(/[\\`*_[\]<>~|#]/g, '\\$&');
