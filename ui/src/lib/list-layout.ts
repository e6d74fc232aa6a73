/** Where the rows of the conversation list stand, so that thousands cost no more than those that are seen. */

/** In rem; the list's styles take them from here. */
export const ROW = 3.375;
export const HEADING = 2.25;
/** Beyond what is seen, so much is there already when one scrolls. */
const BEYOND = 12;

export type Placed<T> = {
  name: string;
  top: number;
  count: number;
  rows: { top: number; row: T }[];
};

/**
 * The sections with the rows that lie between two heights, and the row that is named, which has the focus;
 * and how high everything is. All in rem.
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
    const first = bound((from - BEYOND - begin) / ROW);
    const last = bound((to + BEYOND - begin) / ROW + 1);
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

/** The sections with their rows in the order of `held`; those that it does not know come last. */
export function inOrder<T extends { id: string }>(
  sections: readonly { name: string; conversations: readonly T[] }[],
  held: ReadonlyMap<string, number>,
) {
  const place = (row: T) => held.get(row.id) ?? Infinity;
  // Two that are not known are as far as each other: Infinity - Infinity is no number.
  const order = (a: T, b: T) => (place(a) === place(b) ? 0 : place(a) - place(b));
  return sections.map(({ name, conversations }) => ({
    name,
    conversations: conversations.toSorted(order),
  }));
}
