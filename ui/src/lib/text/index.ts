/**
 * The message catalogue: every sentence that the window shows. Whoever adds a language writes a {@link Catalogue} of
 * it beside `en/` and names it in LANGUAGES; nothing else knows which one is shown.
 */
import type { Problem } from '../../ipc';
import { onPage, SETTINGS } from '../settings';
import { en, type Catalogue } from './en';
import { ENGLISH, useLanguage } from './locale';

export type { Catalogue } from './en';

/** `formats` is the language of numbers and dates, if that is another one. */
type Language = { catalogue: () => Promise<Catalogue>; formats?: string };

/** Every language, fetched when it is chosen; English is here from the start. */
const LANGUAGES: Record<string, Language> = {
  [ENGLISH]: { catalogue: () => Promise.resolve(en) },
};
if (import.meta.env.DEV) {
  for (const tag of ['en-XA', 'ar-XB'])
    LANGUAGES[tag] = {
      catalogue: async () => (await import('./pseudo')).pseudo(en, tag),
      formats: ENGLISH,
    };
}

/** Languages that are written from right to left. */
const FROM_RIGHT = /^(?:ar|fa|he|ur)\b/;

/** The sentences in the language that is shown. Read when they are shown, never before: they may change until then. */
export let text: Catalogue = en;

/** Has everything in a language; in English where there is no such catalogue. Before anything is shown. */
export async function speak(tag: string) {
  const known = tag in LANGUAGES ? tag : ENGLISH;
  const { catalogue, formats } = LANGUAGES[known]!;
  text = await catalogue();
  useLanguage(formats ?? known);
  document.documentElement.lang = known;
  document.documentElement.dir = FROM_RIGHT.test(known) ? 'rtl' : 'ltr';
}

/** Has everything in the language that this device was set to. */
export const startLanguage = () => speak(onPage(SETTINGS.language));

/** What a person is told of a failure: what exactly is known of it, or what its code says. */
export function problemText({ code, reason }: Problem): string {
  if (!reason) return text.errors[code];
  const { key, ...named } = reason;
  const sentence = { ...text.refusals, ...text.failures }[key];
  return typeof sentence === 'string' ? sentence : (sentence as (named: object) => string)(named);
}
