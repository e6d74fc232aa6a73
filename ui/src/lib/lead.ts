/** Where a link leads, and whether it says so. */
import type { Inline } from '../ipc';
import { hostOf, readableHost } from './link-host';
import { namesOnly } from './link-words';

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
  const doubt = hasUser ? 'user' : namesOnly([host], words) ? null : 'names';
  return { url, to, address: parsed.href, doubt };
}

function mailTo(url: string, parsed: URL, words: string): Lead {
  const to = parsed.pathname;
  const hosts = to.split(',').map((one) => hostOf(`https://${one.split('@').at(-1)}`));
  // What is before the @ may look like a host: `wren.lee@bank.example`.
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
