/** Determines where a link leads, and whether its text is misleading. */
import type { Inline } from '../ipc';
import { hostOf, readableHost } from './link-host';
import { namesOnlyHosts } from './link-words';

/**
 * The way in which a link is misleading: its text names another host, or its address has a user part, which may look
 * like a host.
 */
export type LinkWarning = 'names' | 'user';

export type CheckedLink = {
  url: string;
  /** The host to which the link leads, or the email address. */
  to: string;
  /** The address that is opened. */
  address: string;
  warning: LinkWarning | null;
};

/** Returns the text of a link without its markup. */
export function textOfLink(parts: Inline[]): string {
  return parts.map((part) => ('text' in part ? part.text : textOfLink(part.children))).join('');
}

/** Checks a link whose text is `words`. */
export function checkLink(url: string, words: string): CheckedLink {
  const parsed = parse(url);
  if (!parsed) return { url, to: url, address: url, warning: null };
  if (parsed.protocol === 'mailto:') return checkMailLink(url, parsed, words);
  const host = parsed.hostname;
  const to = readableHost(url, host) + (parsed.port && `:${parsed.port}`);
  const hasUser = parsed.username !== '' || parsed.password !== '';
  const isClear = isAddress(words, url) || namesOnlyHosts([host], words);
  const warning = hasUser ? 'user' : isClear ? null : 'names';
  return { url, to, address: parsed.href, warning };
}

/** Returns whether a link's text is its own address in ASCII, as that of most links is. */
function isAddress(words: string, url: string): boolean {
  const [text, address] = [words, url].map((item) => item.replace(/^https?:\/\//i, ''));
  return text === address && /^[a-z\d.-]+(?:[/:?#][!-~]*)?$/i.test(address!);
}

function checkMailLink(url: string, parsed: URL, words: string): CheckedLink {
  const to = parsed.pathname;
  const hosts = to.split(',').map((address) => hostOf(`https://${address.split('@').at(-1)}`));
  // The part before the @ may look like a host: `wren.lee@bank.example`.
  const isSameAddress = words.replace(/^mailto:/i, '') === to;
  const warning = isSameAddress || namesOnlyHosts(hosts, words) ? null : 'names';
  return { url, to, address: parsed.href, warning };
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
