/**
 * The message catalogue: every sentence that the window shows. Whoever adds a language writes a {@link Catalogue} of
 * it beside `en/` and names it in LANGUAGES; nothing else knows which one is shown.
 */
import type { ErrorCode } from '../../ipc';
import { en, type Catalogue } from './en';
import { ENGLISH, useLanguage } from './locale';

export type { Catalogue } from './en';

/** Every language with what writes it, and which is fetched when it is chosen. English is here from the start. */
const LANGUAGES: Record<string, () => Promise<Catalogue>> = {
  [ENGLISH]: () => Promise.resolve(en),
};

/** The sentences in the language that is shown. Read when they are shown, never before: they may change until then. */
export let text: Catalogue = en;

/** Has everything in a language; in English where there is no such catalogue. Before anything is shown. */
export async function speak(tag: string) {
  const known = tag in LANGUAGES ? tag : ENGLISH;
  text = await LANGUAGES[known]!();
  useLanguage(known);
  document.documentElement.lang = known;
}

/** Has everything in the language that this device was set to. */
export const startLanguage = () => speak(localStorage.getItem('language') ?? ENGLISH);

/** What a person is told of a failure: the catalogue's sentence for its code, or what was said of it in full. */
export const errorText = (code: ErrorCode, message: string) =>
  (text.errors as { [code in ErrorCode]?: string })[code] ?? message;
