/**
 * Artificial languages made from English for development and tests. In `en-XA` every sentence has accents and is 40 %
 * longer, which reveals text that is not in the catalogue and text that does not fit. In `ar-XB` the text runs from
 * right to left.
 */
import type { Catalogue } from './en';

/**
 * Characters that mark the start and end of a parameter while a sentence is transformed, so that the parameter stays
 * unchanged.
 */
const [BEGINS, ENDS] = ['\ue000', '\ue001'];
const PARAMETER = new RegExp(`${BEGINS}([^${ENDS}]*)${ENDS}`, 'gu');

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = 'åƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ';
const FILLER = 'one two three four five six seven eight nine ten ';

const accented = (words: string) =>
  words.replace(/[a-z]/gi, (letter) => ACCENTED[PLAIN.indexOf(letter)]!);

/** Returns a sentence with accents and filler: "[Šéñđ öñ]" and more. */
const longer = (sentence: (words: (words: string) => string) => string) => {
  const text = sentence(accented);
  const added = Math.ceil(text.length * 0.4);
  const filler = FILLER.repeat(Math.ceil(added / FILLER.length)).slice(0, added);
  return `[${text} ${accented(filler)}]`;
};

/** Punctuation that Arabic writes mirrored. Unicode mirrors brackets by itself. */
const MIRRORED: Record<string, string> = {
  ...{ ',': '،', ';': '؛', '?': '؟', '“': '”', '”': '“', '←': '→', '→': '←' },
};
/** Returns the text with the letters of each word from right to left, and with the punctuation of such a language. */
const rightToLeft = (words: string) =>
  words
    .replace(/[,;?“”←→]/g, (mark) => MIRRORED[mark]!)
    .replace(/[\p{L}’']+/gu, (word) => `\u200f\u202e${word}\u202c\u200f`);

/** Transforms a sentence. It passes a function for the words to `sentence`, which leaves parameters unchanged. */
type Transform = (sentence: (words: (words: string) => string) => string) => string;

const TRANSFORMS: Record<string, Transform> = {
  'en-XA': longer,
  'ar-XB': (sentence) => sentence(rightToLeft),
};

/** Returns the catalogue in one of these languages. */
export const pseudo = (catalogue: Catalogue, tag: keyof typeof TRANSFORMS) =>
  transformed(catalogue, TRANSFORMS[tag]!) as Catalogue;

function transformed(entry: unknown, transform: Transform): unknown {
  if (typeof entry === 'string') return sentence(entry, transform);
  if (typeof entry === 'function')
    return (parameters: object) => sentence(entry(marked(parameters)) as string, transform);
  return Object.fromEntries(
    Object.entries(entry as object).map(([name, value]) => [name, transformed(value, transform)]),
  );
}

/** Transforms a sentence. An empty text stays empty. */
const sentence = (text: string, transform: Transform) =>
  text === '' ? '' : transform((words) => outsideParameters(text, words));

/** Returns a sentence with its words transformed and its parameters unchanged. */
const outsideParameters = (text: string, words: (words: string) => string) =>
  text
    .split(PARAMETER)
    .map((piece, index) => (index % 2 === 0 ? words(piece) : piece))
    .join('');

/** Returns the parameters with marks around the strings in them. */
function marked(parameter: unknown): unknown {
  if (typeof parameter === 'string') return `${BEGINS}${parameter}${ENDS}`;
  if (Array.isArray(parameter)) return parameter.map(marked);
  if (typeof parameter !== 'object' || parameter === null) return parameter;
  return Object.fromEntries(
    Object.entries(parameter).map(([name, value]) => [name, marked(value)]),
  );
}
