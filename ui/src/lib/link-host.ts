/**
 * How the host of an address is shown: in Unicode if its letters are of one script, and in ASCII (`xn--…`) if they
 * could be mistaken for those of another script.
 */
import { once } from './once';

/** Returns the address's host in ASCII, or '' if it has none. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}

/** Returns the host as it is shown. `url` is the original address, `host` its host in ASCII. */
export function readableHost(url: string, host: string): string {
  if (!host.includes('xn--')) return host;
  const original = /^[^:]*:[/\\]*(?:[^/\\?#]*@)?([^/\\?#@:]*)/.exec(url)?.[1] ?? '';
  const letters = original.normalize('NFC').toLowerCase();
  // The letters in the address are used only if they encode this host.
  if (hostOf(`https://${letters}`) !== host) return host;
  const labels = letters.split('.');
  const isConfusable = /^[a-z]+$/.test(labels.at(-1)!) ? isLatinLookalike : () => false;
  const isShown = (label: string) =>
    hasAllowedScripts(label) && !isConfusable(label) && !isImitationOfAscii(label);
  return labels.every(isShown) ? letters : host;
}

/** Latin letters without a mark of their own, which look like letters of ASCII: ı, ɡ, ɑ, small capitals. */
const IMITATIONS = /[\u0131\u0138\u0237\u0250-\u02af\u1d00-\u1dbf\ua700-\ua7ff]/g;

/** Returns whether such letters are the only ones in a label that are not in ASCII. */
const isImitationOfAscii = (label: string) =>
  /[^\x00-\x7f]/.test(label) && /^[\x00-\x7f]*$/.test(label.replace(IMITATIONS, ''));

/** Scripts in which host names are written. A name in any other script stays in ASCII. */
const SCRIPTS = [
  ...[
    'Latin',
    'Cyrillic',
    'Greek',
    'Armenian',
    'Georgian',
    'Hebrew',
    'Arabic',
    'Thai',
    'Devanagari',
  ],
  ...[
    'Bengali',
    'Tamil',
    'Telugu',
    'Kannada',
    'Malayalam',
    'Gujarati',
    'Gurmukhi',
    'Sinhala',
    'Khmer',
  ],
  ...['Lao', 'Myanmar', 'Ethiopic', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo'],
];
/** Combinations of scripts that are allowed in a label (UTS 39, highly restrictive). */
const COMBINATIONS = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
];
const patterns = once(() =>
  SCRIPTS.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const),
);
const COMMON = once(() => /[\p{Script=Common}\p{Script=Inherited}]/u);

/** Returns whether the letters of a label are of one script, or of an allowed combination. */
function hasAllowedScripts(label: string): boolean {
  const found = new Set<string>();
  for (const letter of label) {
    if (COMMON().test(letter)) continue;
    const script = patterns().find(([, pattern]) => pattern.test(letter))?.[0];
    if (!script) return false;
    found.add(script);
  }
  const isAllowed = (allowed: string[]) => [...found].every((script) => allowed.includes(script));
  return found.size <= 1 || COMBINATIONS.some(isAllowed);
}

/** Returns whether a label is not in ASCII, and each of its letters looks like a Latin one. */
const isLatinLookalike = (label: string) =>
  /[^\x00-\x7f]/.test(label) &&
  /^[-0-9асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмтвнαικνρυωηοτγհոսօցզ]+$/u.test(label);
