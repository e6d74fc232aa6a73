/** A long table has only the rows that are seen; a short one all of them. */

/** Up to so many rows a table has all of them. */
export const ALL = 200;
/** Rows more on either side, that scrolling finds them there. */
const BESIDE = 8;

/** A row to draw, and how many are left out between the one before it and this one. */
export type Drawn = { index: number; skipped: number };

/** The rows of a table of `count` that are drawn where those between `from` and `to` are seen, with the one that is
 *  `held`: it has the focus, and would lose it. */
export function rowsToDraw(count: number, from: number, to: number, held: number): Drawn[] {
  const isLong = count > ALL;
  const first = isLong ? Math.min(Math.max(0, Math.floor(from) - BESIDE), count) : 0;
  const end = isLong ? Math.min(count, Math.max(Math.ceil(to) + BESIDE, first)) : count;
  const indexes = Array.from({ length: end - first }, (_, n) => first + n);
  if (held < count && held < first) indexes.unshift(held);
  else if (held < count && held >= end) indexes.push(held);
  return indexes.map((index, n) => ({ index, skipped: index - (n > 0 ? indexes[n - 1]! + 1 : 0) }));
}
