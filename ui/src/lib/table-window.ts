/** Virtual scrolling of tables: of a long table only the visible rows are rendered, of a short one all. */

/**
 * Maximum number of rows of a table that is always rendered completely. Rendering them takes less than a
 * frame, so that typing in the filter is not delayed.
 */
export const MAX_UNWINDOWED = 20;
/** Number of rows above and below the visible ones that are rendered too, so that scrolling shows no gaps. */
export const OVERSCAN = 8;

/** A row to render, and the number of rows left out between the previous one and this one. */
export type RenderedRow = { index: number; skipped: number };

/**
 * Returns the rows to render in a table of `count` rows: the visible ones between `from` and `to`, `overscan` above and
 * below, and the row `focused`, which would lose the focus otherwise.
 */
export function rowsToRender(
  count: number,
  from: number,
  to: number,
  focused: number,
  overscan = OVERSCAN,
): RenderedRow[] {
  const isLong = count > MAX_UNWINDOWED;
  const first = isLong ? Math.min(Math.max(0, Math.floor(from) - overscan), count) : 0;
  const end = isLong ? Math.min(count, Math.max(Math.ceil(to) + overscan, first)) : count;
  const indexes = Array.from({ length: end - first }, (_, n) => first + n);
  if (focused < count && focused < first) indexes.unshift(focused);
  else if (focused < count && focused >= end) indexes.push(focused);
  return indexes.map((index, n) => ({ index, skipped: index - (n > 0 ? indexes[n - 1]! + 1 : 0) }));
}

/**
 * Returns a number for each of these rows, by which its elements are kept or reused: a row that was rendered before
 * keeps its number, and a new row gets that of a row which is no longer rendered, since changing the texts of elements
 * is much faster than creating them. With `reuse` false, new rows get numbers that none had.
 */
export function elementNumbers(
  previous: ReadonlyMap<string, number>,
  ids: string[],
  reuse: boolean,
): Map<string, number> {
  const rendered = new Set(ids);
  const left = [...previous].filter(([id]) => !rendered.has(id)).map(([, number]) => number);
  const free = reuse ? left.reverse() : [];
  let next = Math.max(-1, ...previous.values()) + 1;
  return new Map(ids.map((id) => [id, previous.get(id) ?? free.pop() ?? next++]));
}
