/** Where a word begins and ends, in scripts with and without spaces between words. */
import characters from './characters.gen.json';

/**
 * Returns whether a character is of a script that puts no spaces between words, or of Korean, whose words take endings
 * (crates/protocol, text/words.rs): next to it, a mention may begin or end.
 */
export function isWrittenWithoutSpaces(character: string): boolean {
  const code = character.codePointAt(0)!;
  return characters.withoutSpaces.some(([from, to]) => code >= from! && code <= to!);
}

/** Returns whether a character is part of a word that is written with spaces around it (crates/protocol, text/words.rs). */
export const isInWord = (character: string) =>
  /[\p{Alphabetic}\p{N}]/u.test(character) && !isWrittenWithoutSpaces(character);
