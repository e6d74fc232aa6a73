/** Computations on the composer's text, which may be longer than a message. */
import { limits, type Draft } from '../ipc';

const BODY_BYTES = limits.bodyBytes;

const encoder = new TextEncoder();
/** A text of this length or more is far too long, and its exact size is not worth counting at every key. */
const FAR_ABOVE_LIMIT = 4 * BODY_BYTES;

/** Returns the number of bytes that still fit, exact only near the limit. It is negative if there are too many. */
export function bytesLeft(body: string): number {
  // A UTF-16 unit takes one to three bytes in UTF-8, so most texts need no counting.
  const isEstimate = body.length * 3 < BODY_BYTES || body.length > FAR_ABOVE_LIMIT;
  return BODY_BYTES - (isEstimate ? body.length : encoder.encode(body).length);
}

/**
 * Longest text that the composer holds, in UTF-16 units. WebKit lays out the whole text field again at each key press:
 * a text of 128 KB in lines of 16 takes 30 ms per key, one of 5 MB more than a second.
 */
const MAX_LENGTH = 2 * BODY_BYTES;

/** Returns whether the composer holds a text of this many UTF-16 units. */
export const fitsComposer = (length: number) => length <= MAX_LENGTH;

/**
 * Returns whether a text is so long that it fills the composer on any screen, so that its height is not measured at
 * every key.
 */
export const fillsComposer = (body: string) => body.length > 40_000;

/**
 * Returns the pause after the last key before a draft is written to disk, in milliseconds. A long draft is slow to
 * write and waits longer.
 */
export const draftDelay = (body: string) => 400 + body.length / 1000;

/** Returns a key that distinguishes drafts without keeping their text in memory. */
export function draftKey({ body, replyTo }: Draft): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < body.length; index++)
    hash = Math.imul(hash ^ body.charCodeAt(index), 0x01000193);
  return `${replyTo ?? ''} ${body.length} ${hash >>> 0}`;
}

/**
 * Returns whether a position is between the opening and the closing fence of a code block, where Enter inserts a line
 * break.
 */
export function isInCodeBlock(body: string, position: number): boolean {
  const fences = body.slice(0, position).match(/^ {0,3}```/gm)?.length ?? 0;
  return fences % 2 === 1;
}
