import type { Block, Inline } from '../ipc';

/**
 * Others' words may run from right to left, beside ours and each other. Each piece of them decides its own
 * direction and turns nothing around it: in markup by `dir="auto"` or `<bdi>`, in a sentence by `isolated`,
 * and where several pieces stand together (a list, a quote) by `directionOf`.
 */

/** Letters of Hebrew, Arabic and the other scripts that run from right to left; the mark that says so. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\u200f\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
/** Signs that turn around what stands beside them, until they are ended. */
const TURNS = '\\u202a-\\u202e\\u2066-\\u2069';

const STRONG = new RegExp(`[${RIGHT_TO_LEFT}\\u200e\\p{L}]`, 'u');
const FROM_RIGHT = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u');
const DISTURBS = new RegExp(`[${RIGHT_TO_LEFT}${TURNS}]`, 'u');
const ALL_TURNS = new RegExp(`[${TURNS}]`, 'gu');

/** As the first letter runs; nothing where there is none. */
export function directionOf(text: string): 'ltr' | 'rtl' | undefined {
  const first = STRONG.exec(text)?.[0];
  return first === undefined ? undefined : FROM_RIGHT.test(first) ? 'rtl' : 'ltr';
}

/** A name or title for the middle of a sentence, which it leaves in order. One that disturbs nothing is as it was. */
export const isolated = (piece: string) =>
  DISTURBS.test(piece) ? `\u2068${piece.replace(ALL_TURNS, '')}\u2069` : piece;

/** As the words of several pieces of a message run: where its bar, its bullet or its first column stands. */
export const directionOfBlocks = (blocks: Block[]) => directionOf(wordsOf(blocks));

/** The same of words in a line. */
export const directionOfInlines = (parts: Inline[]) => directionOf(wordsIn(parts));

/** Longest that is looked at. What one does not see at once decides nothing. */
const LONGEST = 400;

function wordsOf(blocks: Block[]): string {
  let words = '';
  for (const block of blocks) {
    if (words.length > LONGEST) break;
    if (block.type === 'paragraph' || block.type === 'heading') words += wordsIn(block.children);
    else if (block.type === 'quote') words += wordsOf(block.children);
    else if (block.type === 'list')
      words += block.items.map((item) => wordsOf(item.children)).join(' ');
    else if (block.type === 'table')
      words += block.rows
        .flat()
        .map((cell) => wordsIn(cell.children))
        .join(' ');
  }
  return words;
}

/** Without code, which says nothing of the language around it. */
function wordsIn(parts: Inline[]): string {
  let words = '';
  for (const part of parts) {
    if (words.length > LONGEST) break;
    if (part.type === 'text') words += part.text.slice(0, LONGEST);
    else if (part.type !== 'code') words += wordsIn(part.children);
  }
  return words;
}
