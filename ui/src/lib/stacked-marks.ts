/** More marks on one letter than any script has. Invisible characters may stand between them. */
const STACK = /[\p{M}\p{Cf}]{5}/u;

/** Returns whether marks may be stacked so high on a letter that they would cover the rows above. */
export const hasStackedMarks = (text: string) => STACK.test(text);
