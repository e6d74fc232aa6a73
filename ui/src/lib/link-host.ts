/**
 * How the host of an address is written for people: in its own letters where those are of one script, and in
 * ASCII (`xn--…`) where they only look like another's.
 */

/** As the address has it, in ASCII; '' where it has none. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}

/** As people read it. `written` is the address as somebody wrote it, `host` its host in ASCII. */
export function readableHost(written: string, host: string): string {
  if (!host.includes('xn--')) return host;
  const named = /^[^:]*:[/\\]*(?:[^/\\?#]*@)?([^/\\?#@:]*)/.exec(written)?.[1] ?? '';
  const letters = named.normalize('NFC').toLowerCase();
  // What stands in the address is only believed if it is the host.
  if (hostOf(`https://${letters}`) !== host) return host;
  const labels = letters.split('.');
  const looksLatin = /^[a-z]+$/.test(labels.at(-1)!) ? isLikeLatin : () => false;
  return labels.every((label) => isOfOneScript(label) && !looksLatin(label)) ? letters : host;
}

/** Scripts in which names of hosts are written; what is of none of them stays in ASCII. */
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
/** These are written together, and with Latin (UTS 39, highly restrictive). */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
];
const patterns = SCRIPTS.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);
const COMMON = /[\p{Script=Common}\p{Script=Inherited}]/u;

function isOfOneScript(label: string): boolean {
  const found = new Set<string>();
  for (const letter of label) {
    if (COMMON.test(letter)) continue;
    const script = patterns.find(([, pattern]) => pattern.test(letter))?.[0];
    if (!script) return false;
    found.add(script);
  }
  const isAmong = (allowed: string[]) => [...found].every((script) => allowed.includes(script));
  return found.size <= 1 || TOGETHER.some(isAmong);
}

/** Every letter of it looks like one of Latin. */
const isLikeLatin = (label: string) =>
  /[^\x00-\x7f]/.test(label) &&
  /^[-0-9асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмтвнαικνρυωηοτγհոսօցզ]+$/u.test(label);
