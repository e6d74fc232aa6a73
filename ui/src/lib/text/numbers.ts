/** Parts of sentences in every language: numbers, their plurals, lists. */
import { isolate } from '../direction';
import { ENGLISH, language, perLanguage } from './locale';

const numbers = perLanguage((language) => new Intl.NumberFormat(language));
const rules = perLanguage((language) => new Intl.PluralRules(language));
const lists = perLanguage((language) => new Intl.ListFormat(language));

/**
 * Returns a number as text: "1,297,822". In English, which the first paint needs, a whole number is written without
 * `Intl.NumberFormat`.
 */
export const formatNumber = (n: number) =>
  language() === ENGLISH && Number.isSafeInteger(n)
    ? String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : numbers().format(n);

/** Words by plural category. "other" is used for every category that is missing. */
export type Plural = { [Rule in Intl.LDMLPluralRule]?: string } & { other: string };

/**
 * Returns the words for a number. In English, which the first paint needs, it does not use `Intl.PluralRules`, which
 * takes two milliseconds to create.
 */
export function plural(n: number, words: Plural): string {
  const english = n === 1 ? 'one' : 'other';
  return words[language() === ENGLISH ? english : rules().select(n)] ?? words.other;
}

/** Returns "1 message", "2 messages", "1,297,822 messages". */
export const count = (n: number, words: Plural) => `${formatNumber(n)} ${plural(n, words)}`;

/** Returns "wren", "wren and oak", "wren, oak, and 3 others". */
export const formatList = (items: string[]) =>
  items.length < 2 ? (items[0] ?? '') : lists().format(items);

/** Returns a list of names that others chose, each isolated from the direction of the text around it. */
export const formatNames = (names: string[]) => formatList(names.map(isolate));
