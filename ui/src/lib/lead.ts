/** Where a link leads, and whether its text says so. */
import type { Inline } from '../ipc';
import { hostOf, readableHost } from './link-host';
import { namesOnly } from './link-words';

/**
 * The way in which a link is misleading: its text names another host, or its address has a user part, which may look
 * like a host.
 */
export type Doubt = 'names' | 'user';

export type Lead = {
  url: string;
  /** The host to which the link leads, or the email address that it writes to. */
  to: string;
  /** The address that is opened. */
  address: string;
  doubt: Doubt | null;
};

/** Returns the text of a link without its markup. */
export function wordsOf(parts: Inline[]): string {
  return parts.map((part) => ('text' in part ? part.text : wordsOf(part.children))).join('');
}

/** Returns where a link leads whose text is `words`. */
export function leadOf(url: string, words: string): Lead {
  const parsed = parse(url);
  if (!parsed) return { url, to: url, address: url, doubt: null };
  if (parsed.protocol === 'mailto:') return mailTo(url, parsed, words);
  const host = parsed.hostname;
  const to = readableHost(url, host) + (parsed.port && `:${parsed.port}`);
  const hasUser = parsed.username !== '' || parsed.password !== '';
  const doubt = hasUser ? 'user' : namesOnly([host], words) ? null : 'names';
  return { url, to, address: parsed.href, doubt };
}

function mailTo(url: string, parsed: URL, words: string): Lead {
  const to = parsed.pathname;
  const hosts = to.split(',').map((one) => hostOf(`https://${one.split('@').at(-1)}`));
  // The part before the @ may look like a host: `wren.lee@bank.example`.
  const isWhole = words.replace(/^mailto:/i, '') === to;
  const doubt = isWhole || namesOnly(hosts, words) ? null : 'names';
  return { url, to, address: parsed.href, doubt };
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
