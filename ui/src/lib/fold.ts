/**
 * Returns a name as names are compared: without letter case, accents, compatibility forms or invisible characters.
 * The search folds in the same way (crates/protocol, fold.rs), and the result does not depend on the system's
 * language. Either spelling finds the name: `luk` finds Łukasz, `андр` finds Андрей, `iri` finds IRIS.
 */
export function fold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const parts = text.normalize('NFKD').replace(UNSEEN, '').replace(ACCENTS, '');
  const plain = parts.replace(NO_ACCENTS, (letter) => PLAIN.get(letter)!).toLowerCase();
  // Lower case leaves a dot of a capital İ, and writes a sigma at the end of a word as a different letter.
  const small = plain.replace(ACCENTS, '').replaceAll('ς', 'σ').replace(DIGITS, digit);
  // Korean syllables and voiced kana are composed again: they are letters, not letters with marks.
  return small.normalize('NFC');
}

/** Returns whether `name` contains `part`, both folded. */
export const hasFolded = (name: string, part: string) => fold(name).includes(fold(part));

/** Returns whether `name` starts with `beginning`, both folded. */
export const startsFolded = (name: string, beginning: string) =>
  fold(name).startsWith(fold(beginning));

/** Compares two names for the order of a list, with the same result on every system. */
export function byName(a: string, b: string): number {
  const [x, y] = [fold(a), fold(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Marks in the scripts where they do not make a different word: Latin, Greek, Cyrillic, Hebrew, Arabic. */
const ACCENTS =
  /[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u065f\u0670]/g;
/** Zero-width and direction characters, soft hyphens, variation selectors, skin tones. */
const UNSEEN =
  /[\xad\u061c\u0640\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{1f3fb}-\u{1f3ff}\u{e0100}-\u{e01ef}]/gu;
/** Arabic, Persian and Hindi digits. */
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;
const digit = (sign: string) => {
  const code = sign.charCodeAt(0);
  return String(code - (code >= 0x966 ? 0x966 : code >= 0x6f0 ? 0x6f0 : 0x660));
};

/**
 * Letters that Unicode does not decompose but people write without their mark, and letters that keyboards write
 * differently.
 */
const PLAIN = new Map(
  [
    ...['ßss', 'ẞss', 'æae', 'Æae', 'œoe', 'Œoe', 'øo', 'Øo', 'đd', 'Đd', 'ðd', 'Ðd', 'þth', 'Þth'],
    ...['łl', 'Łl', 'ıi', '\u0649\u064a', '\u06cc\u064a', '\u06a9\u0643'],
    ...["\u2018'", "\u2019'", "\u02bb'", "\u02bc'", "\u05f3'"],
    ...['\u201c"', '\u201d"', '\u05f4"'],
  ].map((pair) => [pair[0]!, pair.slice(1)]),
);
const NO_ACCENTS = new RegExp(`[${[...PLAIN.keys()].join('')}]`, 'g');
