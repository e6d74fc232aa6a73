/**
 * Artificial languages made from English for development and tests. In `en-XA` every sentence has accents and is 40 %
 * longer, which shows text that is not in the catalogue and text that has no room. In `ar-XB` the text runs from
 * right to left.
 */
import type { Catalogue } from './en';

/** Mark the start and end of a parameter while a sentence is transformed, so that the parameter stays unchanged. */
const [BEGINS, ENDS] = ['\ue000', '\ue001'];
const PARAMETER = new RegExp(`${BEGINS}([^${ENDS}]*)${ENDS}`, 'gu');

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = 'åƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ';
const FILLER = 'one two three four five six seven eight nine ten ';

const accented = (words: string) =>
  words.replace(/[a-z]/gi, (letter) => ACCENTED[PLAIN.indexOf(letter)]!);

/** Returns a sentence with accents and filler: "[Šéñđ öñ]" and more. */
const longer = (sentence: (words: (words: string) => string) => string) => {
  const said = sentence(accented);
  const room = Math.ceil(said.length * 0.4);
  const filler = FILLER.repeat(Math.ceil(room / FILLER.length)).slice(0, room);
  return `[${said} ${accented(filler)}]`;
};

/** Punctuation that Arabic writes mirrored. Unicode mirrors brackets by itself. */
const TURNED: Record<string, string> = {
  ...{ ',': '،', ';': '؛', '?': '؟', '“': '”', '”': '“', '←': '→', '→': '←' },
};
/** Returns the text with the letters of each word from right to left, and with the punctuation of such a language. */
const fromRight = (words: string) =>
  words
    .replace(/[,;?“”←→]/g, (mark) => TURNED[mark]!)
    .replace(/[\p{L}’']+/gu, (word) => `\u200f\u202e${word}\u202c\u200f`);

/** Transforms a sentence: its words by the function that it passes in, its parameters not at all. */
type Write = (sentence: (words: (words: string) => string) => string) => string;

const WRITE: Record<string, Write> = {
  'en-XA': longer,
  'ar-XB': (sentence) => sentence(fromRight),
};

/** Returns the catalogue in one of these languages. */
export const pseudo = (catalogue: Catalogue, tag: keyof typeof WRITE) =>
  written(catalogue, WRITE[tag]!) as Catalogue;

function written(entry: unknown, write: Write): unknown {
  if (typeof entry === 'string') return sentence(entry, write);
  if (typeof entry === 'function')
    return (parameters: object) => sentence(entry(marked(parameters)) as string, write);
  return Object.fromEntries(
    Object.entries(entry as object).map(([name, one]) => [name, written(one, write)]),
  );
}

/** Transforms a sentence. An empty text stays empty. */
const sentence = (said: string, write: Write) =>
  said === '' ? '' : write((words) => beside(said, words));

/** Returns a sentence with its words transformed and its parameters unchanged. */
const beside = (said: string, words: (words: string) => string) =>
  said
    .split(PARAMETER)
    .map((piece, at) => (at % 2 === 0 ? words(piece) : piece))
    .join('');

/** Returns the parameters with marks around the strings in them. */
function marked(parameter: unknown): unknown {
  if (typeof parameter === 'string') return `${BEGINS}${parameter}${ENDS}`;
  if (Array.isArray(parameter)) return parameter.map(marked);
  if (typeof parameter !== 'object' || parameter === null) return parameter;
  return Object.fromEntries(Object.entries(parameter).map(([name, one]) => [name, marked(one)]));
}
