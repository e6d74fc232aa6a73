/** Word boundaries, in scripts with and without spaces between words. */
import { withoutSpaces } from './characters.gen.json';

/**
 * Returns whether a character is of a script that puts no spaces between words, or of Korean, whose words have suffixes
 * (crates/protocol, text/words.rs). A mention may start or end next to it.
 */
export function isWrittenWithoutSpaces(character: string): boolean {
  const code = character.codePointAt(0)!;
  return withoutSpaces.some(([from, to]) => code >= from! && code <= to!);
}

/**
 * Returns whether a character is part of a word that is written with spaces around it (crates/protocol, text/words.rs).
 */
export const isInWord = (character: string) =>
  /[\p{Alphabetic}\p{N}]/u.test(character) && !isWrittenWithoutSpaces(character);
