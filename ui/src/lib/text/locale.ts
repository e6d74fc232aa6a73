/** Which language everything is written in: the one place that all of Intl is made for. */

/** The language before another one is chosen. */
export const ENGLISH = 'en';

let chosen = ENGLISH;

/** The language of numbers, plurals, lists and times. */
export const language = () => chosen;

/** Has all that is formatted from now on in this language. */
export function useLanguage(tag: string) {
  chosen = tag;
}

/** What is made once for a language, when the first text needs it: most of Intl takes milliseconds to make. */
export function perLanguage<T>(make: (language: string) => T): () => T {
  let made: { language: string; it: T } | undefined;
  return () => {
    if (made?.language !== chosen) made = { language: chosen, it: make(chosen) };
    return made.it;
  };
}
