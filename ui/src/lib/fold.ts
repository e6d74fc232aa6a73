import { accents, plain as replacements, unseen } from './characters.gen.json';
import { once } from './once';

/**
 * Returns a name in the form in which names are compared: without letter case, accents, compatibility forms or
 * invisible characters. The search folds in the same way (crates/protocol, fold.rs), and the result does not depend on
 * the system's language. Either spelling finds the name: `luk` finds Łukasz, `андр` finds Андрей, `iri` finds IRIS.
 */
export function fold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const parts = text.normalize('NFKD').replace(INVISIBLE(), '').replace(ACCENTS(), '');
  const plain = parts.replace(REPLACEABLE(), (letter) => REPLACEMENTS().get(letter)!).toLowerCase();
  // Lower case keeps the dot of a capital İ, and has a different sigma at the end of a word.
  const small = plain.replace(ACCENTS(), '').replaceAll('ς', 'σ');
  // Korean syllables and voiced kana are composed again: they are letters, not letters with marks.
  return small.normalize('NFC');
}

/** Returns a text in lower case and with its accents. A capital sigma is the same letter wherever it is in a word. */
export const lowerCase = (text: string) => text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');

/** Returns whether `name` contains `part`, both folded. */
export const hasFolded = (name: string, part: string) => fold(name).includes(fold(part));

/** Returns whether `name` starts with `beginning`, both folded. */
export const startsFolded = (name: string, beginning: string) =>
  fold(name).startsWith(fold(beginning));

/** Compares two names for the order of a list, with the same result on every system. */
export function compareNames(a: string, b: string): number {
  const [x, y] = [fold(a), fold(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Returns a pattern for the characters in these ranges of code points. */
const patternOf = (ranges: number[][]) =>
  new RegExp(
    `[${ranges.map((ends) => ends.map((code) => `\\u{${code.toString(16)}}`).join('-')).join('')}]`,
    'gu',
  );

// A test of crates/protocol, fold.rs, writes these lists.
/** Marks in the scripts where they do not make a different word: Latin, Greek, Cyrillic, Hebrew, Arabic. */
const ACCENTS = once(() => patternOf(accents));
/** Zero-width and direction characters, soft hyphens, variation selectors, skin tones. */
const INVISIBLE = once(() => patternOf(unseen));
/**
 * Letters that Unicode does not decompose but people write without their mark, letters that keyboards write
 * differently, and Arabic, Persian and Hindi digits.
 */
const REPLACEMENTS = once(() => new Map(replacements.map(([letter, plain]) => [letter!, plain!])));
const REPLACEABLE = once(() => new RegExp(`[${[...REPLACEMENTS().keys()].join('')}]`, 'gu'));
