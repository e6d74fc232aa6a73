/** More marks on one letter than any script has; what cannot be seen may stand between them. */
const STACK = /[\p{M}\p{Cf}]{5}/u;

/** Whether marks may stand so high on a letter that they would cover the rows above. */
export const isStacked = (text: string) => STACK.test(text);
