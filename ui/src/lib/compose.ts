/** What the composer needs to know of its text, which may be megabytes that somebody pasted. */
import type { Draft } from '../ipc';

/** Longest message, in bytes of UTF-8: the server's limit. */
const BODY_BYTES = 64 * 1024;

const encoder = new TextEncoder();
/** From this length on a text is far too long: how much exactly is not worth counting at every key. */
const FAR = 4 * BODY_BYTES;

/** How many bytes still fit, counted exactly only near the limit; below 0, how many are too many. */
export function roomLeft(body: string): number {
  // A UTF-16 unit is one byte to three: most texts need no counting.
  const isRough = body.length * 3 < BODY_BYTES || body.length > FAR;
  return BODY_BYTES - (isRough ? body.length : encoder.encode(body).length);
}

/** A text this long fills the composer on any screen: it is not measured at every key. */
export const isTall = (body: string) => body.length > 40_000;

/** How long after the last key a draft is kept on the disk, in milliseconds: a long one is much to write. */
export const draftDelay = (body: string) => 400 + body.length / 1000;

/** Tells drafts apart without holding on to their text. */
export function draftKey({ body, replyTo }: Draft): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < body.length; at++) hash = Math.imul(hash ^ body.charCodeAt(at), 0x01000193);
  return `${replyTo ?? ''} ${body.length} ${hash >>> 0}`;
}

/** Whether a position is between an opened fence and its end, where Enter breaks the line. */
export function isInCodeBlock(body: string, position: number): boolean {
  const fences = body.slice(0, position).match(/^ {0,3}```/gm)?.length ?? 0;
  return fences % 2 === 1;
}
