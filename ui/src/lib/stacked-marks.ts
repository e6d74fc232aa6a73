import { once } from './once';

/** More marks on one letter than any script has. Invisible characters may stand between them. */
const STACK = once(() => /[\p{M}\p{Cf}]{5}/u);
/** Latin-1 has no combining marks. */
const BEYOND_LATIN_1 = /[^\0-\xff]/;

/** Returns whether marks may be stacked so high on a letter that they would cover the rows above. */
export const hasStackedMarks = (text: string) => BEYOND_LATIN_1.test(text) && STACK().test(text);
