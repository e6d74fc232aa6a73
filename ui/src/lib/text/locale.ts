/** The language in which everything is written. This is the one place that creates Intl objects per language. */

/** The language until another one is chosen. */
export const ENGLISH = 'en';

let current = ENGLISH;

/** Returns the language of numbers, plurals, lists and times. */
export const language = () => current;

/** Sets the language of all formatting from now on. */
export function setFormatLanguage(tag: string) {
  current = tag;
}

/** Counts the changes of what values per language depend on. */
let version = 0;

/** Creates all values per language again at their next use. */
export const forgetValues = () => void version++;

/**
 * Returns a function that creates a value once per language, at its first use: most of Intl takes milliseconds to
 * create.
 */
export function perLanguage<T>(make: (language: string) => T): () => T {
  let cached: { language: string; version: number; value: T } | undefined;
  return () => {
    if (cached?.language !== current || cached.version !== version)
      cached = { language: current, version, value: make(current) };
    return cached.value;
  };
}
