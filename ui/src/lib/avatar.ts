/** Colour and letters of a person's or group's avatar. White text on each colour has a contrast of at least 4.5. */
import { once } from './once';

const COLOURS = [
  '#3b5b8c',
  '#7a4a78',
  '#8a5a2b',
  '#3f7049',
  '#2f6f7a',
  '#80533f',
  '#6b5b2e',
  '#5a5f9e',
  '#9a4a4a',
];

/** Returns the colour for a name: always the same one for the same name (FNV-1a). */
export function colourOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const unit of name) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  return COLOURS[(hash >>> 0) % COLOURS.length]!;
}

const LETTER = once(() => /[\p{L}\p{N}]/u);
/** Most names are ASCII, for which the pattern with Unicode properties need not be created. */
const isLetter = (character: string) =>
  character < '\x80' ? /[a-z\d]/i.test(character) : LETTER().test(character);

/** Returns the first two letters or digits of a name in upper case, or "?" if it has none. */
export function lettersOf(name: string): string {
  const letters = [...name].filter(isLetter);
  return letters.slice(0, 2).join('').toUpperCase() || '?';
}
