/** How the files of a message are shown. What the sender says of them decides nothing but appearance. */
import type { MessageFile, TimelineItem } from '../ipc';
import { text } from './text';

/** A file, and its position among those of its message, by which commands name it. */
export type Placed = { file: MessageFile; index: number };

/** The files of a message by how they are shown, each kind in their order. */
export function sorted(files: readonly MessageFile[]): { pictures: Placed[]; others: Placed[] } {
  const placed = files.map((file, index) => ({ file, index }));
  return {
    pictures: placed.filter(({ file }) => isPicture(file)),
    others: placed.filter(({ file }) => !isPicture(file)),
  };
}

export const isPicture = (file: MessageFile) =>
  sizeIn(file) !== null && file.kind.type === 'picture';

/** Returns the size in pixels of a picture or a film; null if the file has none that could be shown. */
export function sizeIn({ kind }: MessageFile): { width: number; height: number } | null {
  if (kind.type !== 'picture' && kind.type !== 'film') return null;
  return kind.width > 0 && kind.height > 0 ? kind : null;
}

/** The largest size at which a single picture is shown, and the smallest side, in pixels. */
const MOST = { width: 420, height: 320 };
const LEAST = 48;

/**
 * Returns the size at which a single picture is shown, in pixels: at most its own, and within a maximum. A picture
 * that is very narrow is cropped.
 */
export function shownSize({ width, height }: { width: number; height: number }) {
  const by = Math.min(1, MOST.width / width, MOST.height / height);
  const within = (n: number, most: number) => Math.round(Math.min(most, Math.max(LEAST, n * by)));
  return { width: within(width, MOST.width), height: within(height, MOST.height) };
}

/** Returns the number of columns of a grid of this many pictures. */
export const columnsFor = (n: number) => (n === 1 ? 1 : n === 2 || n === 4 ? 2 : 3);

/** Media types of pictures that may move. */
const MOVING = ['image/gif', 'image/webp', 'image/apng'];
/** Largest picture that moves in the timeline, in bytes. Larger ones move where they are opened. */
const MOST_MOVING = 2_000_000;

/** Returns whether a picture may move by itself in the timeline. */
export const mayMove = ({ mediaType, bytes }: MessageFile) =>
  MOVING.includes(mediaType) && bytes <= MOST_MOVING;

/** Returns the ending of a file's name, in capitals, for its icon: "PDF". Empty if it has none that is short. */
export function endingOf(name: string): string {
  const ending = /[^.]\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? '';
  return ending.toUpperCase();
}

/** Longest beginning and end of a name that stay, in characters. */
const HEAD = 20;
const TAIL = 12;

/** Returns a file's name, shortened in the middle, so that its ending stays visible. */
export function shortName(name: string): string {
  const letters = [...name];
  if (letters.length <= HEAD + TAIL + 1) return name;
  return `${letters.slice(0, HEAD).join('')}…${letters.slice(-TAIL).join('')}`;
}

/** Returns what the files of a message are called in place of a text: "Picture", "3 pictures", "report.pdf", "2 files". */
export function lineOf(files: readonly MessageFile[]): string {
  const first = files[0];
  if (!first) return '';
  const kind = files.every((file) => file.kind.type === first.kind.type) ? first.kind.type : 'file';
  if (files.length === 1 && kind === 'file') return shortName(first.name);
  return text.filesOf[kind]({ n: files.length });
}

/** Returns what a message says in one line: its text, or else its files. */
export const saidIn = ({ body, files }: Pick<TimelineItem, 'body' | 'files'>) =>
  body === '' ? lineOf(files) : body;
