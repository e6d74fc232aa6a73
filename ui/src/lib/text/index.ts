/**
 * The message catalogue: every sentence that the window shows. To add a language, write a {@link Catalogue} next to
 * `en/` and name it in LANGUAGES. No other code knows which language is shown.
 */
import type { Problem } from '../../ipc';
import { readPageSetting, SETTINGS } from '../settings';
import { en, type Catalogue } from './en';
import { ENGLISH, setFormatLanguage } from './locale';

export type { Catalogue } from './en';

/** A language. `formats` is the language of numbers and dates, if it is another one. */
type Language = { catalogue: () => Promise<Catalogue>; formats?: string };

/** All languages. A catalogue is loaded when its language is chosen, except English, which is always loaded. */
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
const RIGHT_TO_LEFT = /^(?:ar|fa|he|ur)\b/;

/**
 * The catalogue of the current language. It may change until something is shown, so read texts only when showing them.
 */
export let text: Catalogue = en;

/** Sets the language of everything; English if there is no such catalogue. Must be called before anything is shown. */
export async function setLanguage(tag: string) {
  const known = tag in LANGUAGES ? tag : ENGLISH;
  const { catalogue, formats } = LANGUAGES[known]!;
  text = await catalogue();
  setFormatLanguage(formats ?? known);
  document.documentElement.lang = known;
  document.documentElement.dir = RIGHT_TO_LEFT.test(known) ? 'rtl' : 'ltr';
}

/** Sets the language that was chosen on this device. */
export const loadSavedLanguage = () => setLanguage(readPageSetting(SETTINGS.language));

/** Returns the sentence for a problem: that of its reason, if there is one, or else that of its code. */
export function problemText({ code, reason }: Problem): string {
  if (!reason) return text.errors[code];
  const { key, ...parameters } = reason;
  const sentence = { ...text.refusals, ...text.failures }[key];
  return typeof sentence === 'string'
    ? sentence
    : (sentence as (parameters: object) => string)(parameters);
}
