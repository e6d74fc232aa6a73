/** Positions of the rows in the conversation list, of which only those near the visible part are rendered. */

/** Heights of a row and a heading in rem, also used by the list's styles. */
export const ROW = 3.375;
export const HEADING = 2.25;
/** Height above and below the visible part in which rows are rendered too, in rem. */
const OVERSCAN = 12;

export type SectionLayout<T> = {
  name: string;
  top: number;
  count: number;
  rows: { top: number; row: T }[];
};

/**
 * Lays out the sections. Returns the rows between the heights `from` and `to` and the row with the id `focused`,
 * together with the total height. All heights are in rem.
 */
export function layOut<T extends { id: string }>(
  sections: readonly { name: string; conversations: readonly T[] }[],
  from: number,
  to: number,
  focused: string | null,
): { sections: SectionLayout<T>[]; height: number } {
  let height = 0;
  const laidOut: SectionLayout<T>[] = [];
  for (const { name, conversations } of sections) {
    const count = conversations.length;
    if (count === 0) continue;
    const start = height + HEADING;
    const clampIndex = (index: number) => Math.max(0, Math.min(Math.floor(index), count));
    const first = clampIndex((from - OVERSCAN - start) / ROW);
    const last = clampIndex((to + OVERSCAN - start) / ROW + 1);
    const shown = conversations
      .slice(first, last)
      .map((row, n) => ({ top: (first + n) * ROW, row }));
    const index = focused === null ? -1 : conversations.findIndex((row) => row.id === focused);
    if (index >= 0 && (index < first || index >= last)) {
      const focusedRow = { top: index * ROW, row: conversations[index]! };
      if (index < first) shown.unshift(focusedRow);
      else shown.push(focusedRow);
    }
    laidOut.push({ name, top: height, count, rows: shown });
    height = start + count * ROW;
  }
  return { sections: laidOut, height };
}

/** Returns the sections with their rows in the order of `positions`. Rows that are not in it come last. */
export function keepOrder<T extends { id: string }>(
  sections: readonly { name: string; conversations: readonly T[] }[],
  positions: ReadonlyMap<string, number>,
) {
  const position = (row: T) => positions.get(row.id) ?? Infinity;
  // Two unknown rows compare as equal: Infinity - Infinity would be NaN.
  const compare = (a: T, b: T) => (position(a) === position(b) ? 0 : position(a) - position(b));
  return sections.map(({ name, conversations }) => ({
    name,
    conversations: conversations.toSorted(compare),
  }));
}
