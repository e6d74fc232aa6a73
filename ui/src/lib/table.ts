/** The columns of a table, and the order of its rows. */

/** A column. Its rows can be sorted if it has `compare`. */
export type Column<Row> = {
  name: string;
  label: string;
  compare?: (a: Row, b: Row) => number;
  /** Whether it is hidden when there is little room. */
  isSecondary?: boolean;
  isNumber?: boolean;
  /** Whether its label is only read out, and not shown. */
  isHidden?: boolean;
  /** Its width, as a CSS value. */
  width?: string;
};
/** The column by which the rows are sorted, and whether they are in descending order. */
export type Order = { by: string; isDown: boolean };

/** Returns the rows in an order. */
export function inOrder<Row>(rows: Row[], columns: Column<Row>[], { by, isDown }: Order): Row[] {
  const compare = columns.find((column) => column.name === by)?.compare;
  if (!compare) return rows;
  return rows.toSorted(isDown ? (a, b) => compare(b, a) : compare);
}

/** Returns a comparison of rows by a text, in the order of its code units, and by `then` where that is equal. */
export function byText<Row>(of: (row: Row) => string, then: (a: Row, b: Row) => number = () => 0) {
  return (a: Row, b: Row): number => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : then(a, b));
}
