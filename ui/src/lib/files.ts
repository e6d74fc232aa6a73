/** How the files of a message are shown. What the sender claims about them affects only the appearance. */
import type { MessageFile, TimelineItem, Transfer } from '../ipc';
import { formatProgress } from './sizes';
import { problemText, text } from './text';

/** A file with its index in the message, by which commands identify it. */
export type IndexedFile = { file: MessageFile; index: number };

/** A file of a message as its components get it. `isSent` is whether the server has the message. */
export type ShownFile = IndexedFile & { messageId: string; isSent: boolean; reachable: boolean };

/** Returns the progress of a transfer as text, or the problem that stopped it. */
export const transferStatus = ({ problem, done, total }: Transfer) =>
  problem ? problemText(problem) : formatProgress(done, total);

/** Splits the files of a message into pictures and others, each in their order. */
export function splitPictures(files: readonly MessageFile[]): {
  pictures: IndexedFile[];
  others: IndexedFile[];
} {
  const indexed = files.map((file, index) => ({ file, index }));
  return {
    pictures: indexed.filter(({ file }) => isPicture(file)),
    others: indexed.filter(({ file }) => !isPicture(file)),
  };
}

export const isPicture = (file: MessageFile) =>
  sizeOfFile(file) !== null && file.kind.type === 'picture';

/** Returns the size of a picture or a video in pixels, or null if the file has no valid one. */
export function sizeOfFile({ kind }: MessageFile): { width: number; height: number } | null {
  if (kind.type !== 'picture' && kind.type !== 'film') return null;
  return kind.width > 0 && kind.height > 0 ? kind : null;
}

/** Maximum size and minimum side of a single picture, in pixels. */
const MAX_SIZE = { width: 420, height: 320 };
const MIN_SIDE = 48;

/**
 * Returns the size at which a single picture is shown, in pixels: at most its own size, and at most a
 * maximum. A very narrow picture is cropped.
 */
export function shownSize({ width, height }: { width: number; height: number }) {
  const scale = Math.min(1, MAX_SIZE.width / width, MAX_SIZE.height / height);
  const limited = (n: number, max: number) =>
    Math.round(Math.min(max, Math.max(MIN_SIDE, n * scale)));
  return { width: limited(width, MAX_SIZE.width), height: limited(height, MAX_SIZE.height) };
}

/** Returns the number of columns of a grid of this many pictures. */
export const columnsFor = (n: number) => (n === 1 ? 1 : n === 2 || n === 4 ? 2 : 3);

/** Media types of pictures that may be animated. */
const ANIMATED = ['image/gif', 'image/webp', 'image/apng'];
/** Size of the largest picture that is animated in the timeline, in bytes. Larger ones are animated in the viewer. */
const MAX_ANIMATED_BYTES = 2_000_000;

/** Returns whether a picture may be animated in the timeline. */
export const mayAnimate = ({ mediaType, bytes }: MessageFile) =>
  ANIMATED.includes(mediaType) && bytes <= MAX_ANIMATED_BYTES;

/** Returns the extension of a file's name in capitals, such as "PDF", or '' if it has no short one. */
export function extensionOf(name: string): string {
  const extension = /[^.]\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? '';
  return extension.toUpperCase();
}

/** Number of characters that stay at the start and the end of a long name. */
const HEAD = 20;
const TAIL = 12;

/** Returns a file's name, shortened in the middle, so that its extension stays visible. */
export function shortName(name: string): string {
  const characters = [...name];
  if (characters.length <= HEAD + TAIL + 1) return name;
  return `${characters.slice(0, HEAD).join('')}…${characters.slice(-TAIL).join('')}`;
}

/** Returns a description of files that replaces a text: "Picture", "3 pictures", "report.pdf", "2 files". */
export function filesSummary(files: readonly MessageFile[]): string {
  const first = files[0];
  if (!first) return '';
  const kind = files.every((file) => file.kind.type === first.kind.type) ? first.kind.type : 'file';
  if (files.length === 1 && kind === 'file') return shortName(first.name);
  return text.filesOf[kind]({ n: files.length });
}

/** Returns a message in one line: its text, or a description of its files if it has no text. */
export const summaryOf = ({ body, files }: Pick<TimelineItem, 'body' | 'files'>) =>
  body === '' ? filesSummary(files) : body;
