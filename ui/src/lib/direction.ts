import type { Block, Inline } from '../ipc';
import { once } from './once';

/**
 * Text that others wrote may run from right to left, next to other text. Each piece gets its own
 * direction and does not reorder the text around it: in markup by `dir="auto"` or `<bdi>`, in a sentence by
 * `isolate`, and where several pieces belong together (a list, a quote) by `directionOf`.
 */

/** Letters of Hebrew, Arabic and the other right-to-left scripts, and the right-to-left mark. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\u200f\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
/** Control characters that change the direction of the text after them until they are terminated. */
const CONTROLS = '\\u202a-\\u202e\\u2066-\\u2069';

const STRONG = once(() => new RegExp(`[${RIGHT_TO_LEFT}\\u200e\\p{L}]`, 'u'));
const STARTS_RTL = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u');
const NEEDS_ISOLATION = new RegExp(`[${RIGHT_TO_LEFT}${CONTROLS}]`, 'u');
const ALL_CONTROLS = new RegExp(`[${CONTROLS}]`, 'gu');

/** Returns the direction of the first letter, or nothing if the text has no letter. */
export function directionOf(text: string): 'ltr' | 'rtl' | undefined {
  const first = STRONG().exec(text)?.[0];
  return first === undefined ? undefined : STARTS_RTL.test(first) ? 'rtl' : 'ltr';
}

/**
 * Returns a name or title for the middle of a sentence, isolated so that the sentence stays in order. A name that
 * cannot disturb the order is returned unchanged.
 */
export const isolate = (piece: string) =>
  NEEDS_ISOLATION.test(piece) ? `\u2068${piece.replace(ALL_CONTROLS, '')}\u2069` : piece;

/**
 * Returns the direction of a message's blocks as a whole, which decides the side of a quote's bar, a bullet or the
 * first column.
 */
export const directionOfBlocks = (blocks: Block[]) => directionOf(textOfBlocks(blocks));

/** Returns the direction of inline parts as a whole. */
export const directionOfInlines = (parts: Inline[]) => directionOf(textOfInlines(parts));

/** Maximum length of the text that is examined, in UTF-16 units. */
const MAX_LENGTH = 400;

function textOfBlocks(blocks: Block[]): string {
  let text = '';
  for (const block of blocks) {
    if (text.length > MAX_LENGTH) break;
    if (block.type === 'paragraph' || block.type === 'heading')
      text += textOfInlines(block.children);
    else if (block.type === 'quote') text += textOfBlocks(block.children);
    else if (block.type === 'list')
      text += block.items.map((item) => textOfBlocks(item.children)).join(' ');
    else if (block.type === 'table')
      text += block.rows
        .flat()
        .map((cell) => textOfInlines(cell.children))
        .join(' ');
  }
  return text;
}

/** Returns the text without code, which says nothing about the language around it. */
function textOfInlines(parts: Inline[]): string {
  let text = '';
  for (const part of parts) {
    if (text.length > MAX_LENGTH) break;
    if (part.type === 'code') continue;
    text += 'text' in part ? part.text.slice(0, MAX_LENGTH) : textOfInlines(part.children);
  }
  return text;
}
