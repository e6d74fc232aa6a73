/** What the composer needs to know of its text. */

/** Longest message, in bytes of UTF-8: the server's limit. */
const BODY_BYTES = 64 * 1024;

const encoder = new TextEncoder();
const bytesOf = (body: string) =>
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  body.length * 3 < BODY_BYTES ? body.length : encoder.encode(body).length;

/** How many bytes are too many; 0 if it fits. */
export const overLimit = (body: string) => Math.max(0, bytesOf(body) - BODY_BYTES);

/** How many bytes still fit, counted exactly only near the limit. */
export const roomLeft = (body: string) => Math.max(0, BODY_BYTES - bytesOf(body));

/** Whether a position is between an opened fence and its end, where Enter breaks the line. */
export function isInCodeBlock(body: string, position: number): boolean {
  const fences = body.slice(0, position).match(/^ {0,3}```/gm)?.length ?? 0;
  return fences % 2 === 1;
}
