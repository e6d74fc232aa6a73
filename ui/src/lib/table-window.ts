/** Virtual scrolling of tables: of a long table only the visible rows are rendered, of a short one all. */

/**
 * Maximum number of rows of a table that is always rendered completely. Rendering them takes a part of a frame, so that
 * a key in the field that filters them is answered within one.
 */
export const ALL = 50;
/** Number of rows above and below the visible ones that are rendered, too, so that scrolling finds them there. */
const OVERSCAN = 8;

/** A row to render, and the number of rows left out between the previous one and this one. */
export type Drawn = { index: number; skipped: number };

/**
 * Returns the rows to render in a table of `count` rows: the visible ones between `from` and `to`, and the row `held`,
 * which has the focus and would lose it otherwise.
 */
export function rowsToDraw(count: number, from: number, to: number, held: number): Drawn[] {
  const isLong = count > ALL;
  const first = isLong ? Math.min(Math.max(0, Math.floor(from) - OVERSCAN), count) : 0;
  const end = isLong ? Math.min(count, Math.max(Math.ceil(to) + OVERSCAN, first)) : count;
  const indexes = Array.from({ length: end - first }, (_, n) => first + n);
  if (held < count && held < first) indexes.unshift(held);
  else if (held < count && held >= end) indexes.push(held);
  return indexes.map((index, n) => ({ index, skipped: index - (n > 0 ? indexes[n - 1]! + 1 : 0) }));
}
