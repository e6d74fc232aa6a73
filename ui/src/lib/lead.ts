/** Where a link leads, and whether it says so. */
import type { Inline } from '../ipc';
import { hostOf, readableHost } from './link-host';

/** What a link does not say: that its words name another host, or that its address only begins with one. */
export type Doubt = 'names' | 'user';

export type Lead = {
  url: string;
  /** The host that it leads to, or the address that is written to. */
  to: string;
  /** The address as it is opened. */
  address: string;
  doubt: Doubt | null;
};

/** What a link says, without its marks. */
export function wordsOf(parts: Inline[]): string {
  return parts.map((part) => ('text' in part ? part.text : wordsOf(part.children))).join('');
}

/** Where a link with these words leads. */
export function leadOf(url: string, words: string): Lead {
  const parsed = parse(url);
  if (!parsed) return { url, to: url, address: url, doubt: null };
  if (parsed.protocol === 'mailto:') return mailTo(url, parsed, words);
  const host = parsed.hostname;
  const to = readableHost(url, host) + (parsed.port && `:${parsed.port}`);
  const hasUser = parsed.username !== '' || parsed.password !== '';
  const doubt = hasUser ? 'user' : isNamed([host], words) ? null : 'names';
  return { url, to, address: parsed.href, doubt };
}

function mailTo(url: string, parsed: URL, words: string): Lead {
  const to = parsed.pathname;
  const hosts = to.split(',').map((one) => hostOf(`https://${one.split('@').at(-1)}`));
  return { url, to, address: parsed.href, doubt: isNamed(hosts, words) ? null : 'names' };
}

/** Whether every host that the words name is one of these. Words that name none may say anything. */
function isNamed(hosts: string[], words: string): boolean {
  const known = hosts.map(plain);
  return namedIn(words).every((host) => known.includes(plain(host)));
}

const plain = (host: string) => host.replace(/^www\./, '').replace(/\.$/, '');

/** Longest of the words that is looked at: a link is a line. */
const LONGEST = 2000;
/** What is in no name of a host. */
const APART = /[^\p{L}\p{M}\p{N}._-]+/u;
/** Letters with dots between them, the last two or more; or numbers. */
const HOST = /^(?:[^.]+\.)+(?:\p{L}[^.]*[^.]|\d{1,3})\.?$/u;
/** Ends of names of files that are no domain. */
const NO_DOMAIN =
  /\.(?:c|css|csv|cpp|docx?|gif|go|h|hpp|html?|ini|java|jpe?g|js|json|jsx|kt|lock|log|pdf|php|png|pptx?|rakumod|rakutest|rb|sql|svelte|svg|toml|ts|tsx|txt|wasm|xlsx?|xml|ya?ml)$/i;

/** The hosts that are named, in ASCII. Of an address it is the one that it leads to. */
function namedIn(words: string): string[] {
  // As it looks, without what cannot be seen.
  const seen = words
    .slice(0, LONGEST)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim();
  if (!/\s/.test(seen)) {
    const whole = hostOf(/^[a-z][a-z\d+.-]*:\/\//i.test(seen) ? seen : '');
    if (whole) return [whole];
    const [begin = ''] = seen.split(/[/?#\\]/);
    if (/^\S+@\S+$/.test(begin) || hostsIn(begin).length === 1) return hostsIn(begin);
  }
  return hostsIn(seen);
}

function hostsIn(text: string): string[] {
  const found = text
    .split(APART)
    .map((part) => part.replace(/^\.+|\.+$/g, ''))
    .filter((part) => HOST.test(part) && !NO_DOMAIN.test(part));
  const named = found.filter((host) => !/^[\d.]+$/.test(host) || isIp(host));
  return named.map((host) => hostOf(`https://${host}`)).filter(Boolean);
}

const isIp = (host: string) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
