/** Positions of the rows in the conversation list, of which only those near the visible part are rendered. */

/** Heights of a row and a heading in rem. The list's styles take them from here. */
export const ROW = 3.375;
export const HEADING = 2.25;
/** Height above and below the visible part in which rows are rendered already, in rem. */
const OVERSCAN = 12;

export type Placed<T> = {
  name: string;
  top: number;
  count: number;
  rows: { top: number; row: T }[];
};

/**
 * Lays out the sections. Returns the rows between the heights `from` and `to` and the row with the id `focused`,
 * which has the focus, together with the total height. All heights are in rem.
 */
export function layOut<T extends { id: string }>(
  sections: readonly { name: string; conversations: readonly T[] }[],
  from: number,
  to: number,
  focused: string | null,
): { sections: Placed<T>[]; height: number } {
  let height = 0;
  const placed: Placed<T>[] = [];
  for (const { name, conversations } of sections) {
    const count = conversations.length;
    if (count === 0) continue;
    const begin = height + HEADING;
    const bound = (at: number) => Math.max(0, Math.min(Math.floor(at), count));
    const first = bound((from - OVERSCAN - begin) / ROW);
    const last = bound((to + OVERSCAN - begin) / ROW + 1);
    const shown = conversations
      .slice(first, last)
      .map((row, n) => ({ top: (first + n) * ROW, row }));
    const at = focused === null ? -1 : conversations.findIndex((row) => row.id === focused);
    if (at >= 0 && (at < first || at >= last)) {
      const kept = { top: at * ROW, row: conversations[at]! };
      if (at < first) shown.unshift(kept);
      else shown.push(kept);
    }
    placed.push({ name, top: height, count, rows: shown });
    height = begin + count * ROW;
  }
  return { sections: placed, height };
}

/** Returns the sections with their rows in the order of `held`. Rows that are not in `held` come last. */
export function inOrder<T extends { id: string }>(
  sections: readonly { name: string; conversations: readonly T[] }[],
  held: ReadonlyMap<string, number>,
) {
  const place = (row: T) => held.get(row.id) ?? Infinity;
  // Two unknown rows compare as equal: Infinity - Infinity would be NaN.
  const order = (a: T, b: T) => (place(a) === place(b) ? 0 : place(a) - place(b));
  return sections.map(({ name, conversations }) => ({
    name,
    conversations: conversations.toSorted(order),
  }));
}
