/** What sentences of every language are made with: numbers, their plurals, lists. */
import { isolated } from '../direction';
import { ENGLISH, language, perLanguage } from './locale';

const numbers = perLanguage((language) => new Intl.NumberFormat(language));
const rules = perLanguage((language) => new Intl.PluralRules(language));
const lists = perLanguage((language) => new Intl.ListFormat(language));

/** "1,297,822". */
export const written = (n: number) =>
  n < 1000 && language() === ENGLISH ? String(n) : numbers().format(n);

/** The words for a number, by the plurals that a language has; "other" is for all that it does not name. */
export type Plural = { [Rule in Intl.LDMLPluralRule]?: string } & { other: string };

/** The words for a number. English, which the first paint counts in, does without the rules' two milliseconds. */
export function plural(n: number, words: Plural): string {
  const english = n === 1 ? 'one' : 'other';
  return words[language() === ENGLISH ? english : rules().select(n)] ?? words.other;
}

/** "1 message", "2 messages", "1,297,822 messages". */
export const count = (n: number, words: Plural) => `${written(n)} ${plural(n, words)}`;

/** "wren", "wren and oak", "wren, oak, and 3 others". */
export const listed = (pieces: string[]) =>
  pieces.length < 2 ? (pieces[0] ?? '') : lists().format(pieces);

/** The same of names that others chose. */
export const listedNames = (names: string[]) => listed(names.map(isolated));
