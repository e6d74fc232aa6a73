import type { Block, Inline } from '../ipc';

/**
 * Text that others wrote may run from right to left, next to ours and to each other's. Each piece gets its own
 * direction and does not reorder the text around it: in markup by `dir="auto"` or `<bdi>`, in a sentence by
 * `isolated`, and where several pieces stand together (a list, a quote) by `directionOf`.
 */

/** Letters of Hebrew, Arabic and the other right-to-left scripts, and the right-to-left mark. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\u200f\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
/** Control characters that change the direction of the text after them until they are closed. */
const TURNS = '\\u202a-\\u202e\\u2066-\\u2069';

const STRONG = new RegExp(`[${RIGHT_TO_LEFT}\\u200e\\p{L}]`, 'u');
const FROM_RIGHT = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u');
const DISTURBS = new RegExp(`[${RIGHT_TO_LEFT}${TURNS}]`, 'u');
const ALL_TURNS = new RegExp(`[${TURNS}]`, 'gu');

/** Returns the direction of the first letter, or nothing if the text has no letter. */
export function directionOf(text: string): 'ltr' | 'rtl' | undefined {
  const first = STRONG.exec(text)?.[0];
  return first === undefined ? undefined : FROM_RIGHT.test(first) ? 'rtl' : 'ltr';
}

/**
 * Returns a name or title for the middle of a sentence, isolated so that the sentence stays in order. A name that
 * cannot disturb the order is returned unchanged.
 */
export const isolated = (piece: string) =>
  DISTURBS.test(piece) ? `\u2068${piece.replace(ALL_TURNS, '')}\u2069` : piece;

/**
 * Returns the direction of a message's blocks as a whole, which decides the side of a quote's bar, a bullet or the
 * first column.
 */
export const directionOfBlocks = (blocks: Block[]) => directionOf(wordsOf(blocks));

/** Returns the direction of inline parts as a whole. */
export const directionOfInlines = (parts: Inline[]) => directionOf(wordsIn(parts));

/** Longest part of a text that is looked at. What is not visible at a glance decides nothing. */
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

/** Returns the words without code, which says nothing about the language around it. */
function wordsIn(parts: Inline[]): string {
  let words = '';
  for (const part of parts) {
    if (words.length > LONGEST) break;
    if (part.type === 'code') continue;
    words += 'text' in part ? part.text.slice(0, LONGEST) : wordsIn(part.children);
  }
  return words;
}
