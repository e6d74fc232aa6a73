/**
 * Languages that nobody speaks, made of English for development and tests. In `en-XA` every sentence has accents and
 * is 40 % longer: what is not in the catalogue, and what has no room, is seen at once. In `ar-XB` it runs from right to left.
 */
import type { Catalogue } from './en';

/** Stand around a parameter while the sentence is made, so that it is left as it is. */
const [BEGINS, ENDS] = ['\ue000', '\ue001'];
const PARAMETER = new RegExp(`${BEGINS}([^${ENDS}]*)${ENDS}`, 'gu');

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = 'åƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ';
const FILLER = 'one two three four five six seven eight nine ten ';

const accented = (words: string) =>
  words.replace(/[a-z]/gi, (letter) => ACCENTED[PLAIN.indexOf(letter)]!);

/** "[Šéñđ öñ]". */
const longer = (sentence: (words: (words: string) => string) => string) => {
  const said = sentence(accented);
  const room = Math.ceil(said.length * 0.4);
  const filler = FILLER.repeat(Math.ceil(room / FILLER.length)).slice(0, room);
  return `[${said} ${accented(filler)}]`;
};

/** Marks that Arabic writes the other way round; Unicode turns brackets by itself. */
const TURNED: Record<string, string> = {
  ...{ ',': '،', ';': '؛', '?': '؟', '“': '”', '”': '“', '←': '→', '→': '←' },
};
/** Each word as if it were Arabic: its letters from right to left, with the marks of a language that runs so. */
const fromRight = (words: string) =>
  words
    .replace(/[,;?“”←→]/g, (mark) => TURNED[mark]!)
    .replace(/[\p{L}’']+/gu, (word) => `\u200f\u202e${word}\u202c\u200f`);

/** Writes a sentence: its words by what it is given, its parameters as they are. */
type Write = (sentence: (words: (words: string) => string) => string) => string;

const WRITE: Record<string, Write> = {
  'en-XA': longer,
  'ar-XB': (sentence) => sentence(fromRight),
};

/** The catalogue of one of these languages. */
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

/** What says nothing stays empty. */
const sentence = (said: string, write: Write) =>
  said === '' ? '' : write((words) => beside(said, words));

/** A sentence whose words are written so, and its parameters as they are. */
const beside = (said: string, words: (words: string) => string) =>
  said
    .split(PARAMETER)
    .map((piece, at) => (at % 2 === 0 ? words(piece) : piece))
    .join('');

/** Parameters with marks around what is text in them. */
function marked(parameter: unknown): unknown {
  if (typeof parameter === 'string') return `${BEGINS}${parameter}${ENDS}`;
  if (Array.isArray(parameter)) return parameter.map(marked);
  if (typeof parameter !== 'object' || parameter === null) return parameter;
  return Object.fromEntries(Object.entries(parameter).map(([name, one]) => [name, marked(one)]));
}
