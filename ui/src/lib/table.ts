/** The columns of a table, and the order of its rows. */

/** A column. Its rows can be sorted if it has `compare`. */
export type Column<Row> = {
  name: string;
  label: string;
  compare?: (a: Row, b: Row) => number;
  /** Whether it is hidden in a narrow window. */
  isSecondary?: boolean;
  isNumber?: boolean;
  /** Whether its label is only read out, and not shown. */
  isHidden?: boolean;
  /** Its width, as a CSS value. */
  width?: string;
};
/** The column by which the rows are sorted, and whether they are in descending order. */
export type Order = { by: string; isDescending: boolean };

/** Returns the sorted rows. */
export function sortRows<Row>(
  rows: Row[],
  columns: Column<Row>[],
  { by, isDescending }: Order,
): Row[] {
  const compare = columns.find((column) => column.name === by)?.compare;
  if (!compare) return rows;
  return rows.toSorted(isDescending ? (a, b) => compare(b, a) : compare);
}

/** Returns a function that compares rows by a text, in the order of its code units, and if equal by `then`. */
export function compareBy<Row>(
  textOf: (row: Row) => string,
  then: (a: Row, b: Row) => number = () => 0,
) {
  return (a: Row, b: Row): number =>
    textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : then(a, b);
}
