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
  const recipients = recipientsOf(parsed);
  const hosts = recipients.map((address) => hostOf(`https://${address.split('@').at(-1)}`));
  const named = words.toLowerCase().match(ADDRESS) ?? [];
  const namesOthers =
    named.length > 0 &&
    (new Set(recipients).size !== new Set(named).size ||
      named.some((address) => !recipients.includes(address)));
  const to = parsed.pathname;
  // The part before the @ may look like a host: `wren.lee@bank.example`.
  const isSameAddress = words.replace(/^mailto:/i, '') === to;
  const isClear = !namesOthers && (isSameAddress || namesOnlyHosts(hosts, words));
  return { url, to, address: parsed.href, warning: isClear ? null : 'names' };
}

/** An email address in a text. */
const ADDRESS =
  /(?<![^\s<>,;:"'()[\]])[^\s<>,;:"'()[\]@]+@[^\s<>,;:"'()[\]@]*[^\s<>,;:"'()[\]@.!?]/g;

/** Returns the addresses to which a mail is sent, in lower case (RFC 6068). */
function recipientsOf(parsed: URL): string[] {
  const fields = [...parsed.searchParams].filter(([name]) => /^(?:to|cc|bcc)$/i.test(name));
  const lists = [decoded(parsed.pathname), ...fields.map(([, value]) => value)];
  const all = lists.flatMap((list) => list.split(','));
  return all.map((address) => address.trim().toLowerCase()).filter((address) => address !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
