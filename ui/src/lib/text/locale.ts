/** The language in which everything is written. This is the one place that creates Intl objects per language. */

/** The language until another one is chosen. */
export const ENGLISH = 'en';

let chosen = ENGLISH;

/** Returns the language of numbers, plurals, lists and times. */
export const language = () => chosen;

/** Sets the language of all formatting from now on. */
export function useLanguage(tag: string) {
  chosen = tag;
}

/**
 * Returns a function that creates a value once per language, at its first use: most of Intl takes milliseconds to
 * create.
 */
export function perLanguage<T>(make: (language: string) => T): () => T {
  let made: { language: string; it: T } | undefined;
  return () => {
    if (made?.language !== chosen) made = { language: chosen, it: make(chosen) };
    return made.it;
  };
}
