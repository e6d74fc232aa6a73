/** Finds the hosts that the text of a link names, as people see it. */
import { blank } from './characters.gen.json';
import { hostOf, readableHost } from './link-host';
import { once } from './once';

/**
 * Returns whether every host that the text names is one of `hosts`. True for a text that names no host, false for a
 * text that is too long, and for one that spells a host with letters that look like those of another.
 */
export function namesOnlyHosts(hosts: string[], words: string): boolean {
  const known = new Set(hosts.map(normalized));
  return visibleForms(words).every((form) => {
    const named = hostsInForm(form);
    if (named === null) return false;
    // With these control characters, the order of the visible letters is uncertain.
    if (named.length > 0 && DIRECTION_OVERRIDE.test(words)) return false;
    return named.every((host) => known.has(normalized(host)));
  });
}

/** Normalizes a host so that two spellings of it are equal: `WWW.bank.example.` becomes `bank.example`. */
const normalized = (host: string) =>
  host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');

/** Maximum length of the visible text that is examined, in UTF-16 units. */
const MAX_LENGTH = 2000;
/** Maximum length of a name in DNS. */
const MAX_HOST_LENGTH = 253;
/** Control characters that force the direction of the following text. */
const DIRECTION_OVERRIDE = /[\u202d\u202e]/;
/** Invisible characters. */
const INVISIBLE = once(() => /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu);
/** Blank characters that are not spaces, and spaces so narrow that they may go unnoticed. */
const BLANK = once(
  () =>
    new RegExp(
      `[${blank.join('')}\\u115f\\u1160\\u3164\\uffa0\\u2006\\u2008-\\u200a\\u202f]`,
      'gu',
    ),
);
/** Characters that no host name contains. */
const NOT_IN_HOST = once(() => /[^\p{L}\p{M}\p{N}._-]+|\.{2,}/u);
/**
 * Labels with dots between them. The last one starts with a letter and has two characters or more, or is a number of
 * up to three digits.
 */
const HOST = once(() => /^(?:[^.]+\.)+(?:\p{L}[^.]*[^.]|\d{1,3})\.?$/u);
/** File name extensions that are not top-level domains. */
const FILE_NAME =
  /\.(?:c|css|csv|cpp|docx?|gif|go|h|hpp|html?|ini|java|jpe?g|js|json|jsx|kt|lock|log|pdf|php|png|pptx?|rakumod|rakutest|rb|sql|svelte|svg|toml|ts|tsx|txt|wasm|xlsx?|xml|ya?ml)$/i;
/** An address with any scheme; captures everything after the slashes. */
const ADDRESS = /^(?:https?:|[a-z][a-z\d+-]*:[/\\])[/\\]+(.*)$/i;

/** Names of this computer, alone or at the start of an address. */
const LOCAL = once(() => /^localhost\.?$|(?<![\p{L}\p{M}\p{N}._-])localhost(?=:\d|[/\\@])/giu);
/** Possible IPv6 addresses. */
const IN_BRACKETS = /\[[\da-f:.]+\]/gi;
/** The host of an address within a text, if it has no dots. */
const DOTLESS = once(
  () =>
    /(?<![a-z\d+-])(?:https?:|[a-z][a-z\d+-]*:[/\\])[/\\]+([\p{L}\p{M}\p{N}_-]+)(?!\.?[\p{L}\p{M}\p{N}_-])/giu,
);

/**
 * A full stop of another script, which address parsers or readers treat as a dot. In ordinary text it ends a sentence
 * without a space after it, so it counts as a dot only before letters of scripts without such a full stop, and
 * before top-level domains.
 */
const FOREIGN_STOP = once(
  () =>
    /[\u3002\u06d4\u0660\u06f0\u0701\u0702\ua4f8\ua60e\u{10a50}](?=[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]|(?:中国|中國|公司|网络|網絡|网址|在线|香港|台湾|台灣|澳门|澳門|新加坡|한국|닷컴|닷넷|コム|みんな|テスト)(?![\p{L}\p{N}]))/gu,
);
/** Percent-encoded dots. */
const ENCODED_DOT = /%2e|%e3%80%82|%ef%bc%8e|%ef%bd%a1/gi;
/** White letters on black, in circles and squares, whose compatibility form is not a letter. */
const ON_BLACK = once(() => /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}]/gu);

/** Returns the visible text: once with blanks as spaces, and once without blanks if that differs. */
function visibleForms(words: string): string[] {
  const forms = [' ', ''].map((blank) =>
    words.replace(BLANK(), blank).replace(INVISIBLE(), '').replace(/\s+/g, ' ').trim(),
  );
  return [...new Set(forms)];
}

/**
 * Returns the hosts that a visible text names, in ASCII where possible and not misleading (see `asciiOf`), or null if
 * the text is too long.
 */
function hostsInForm(form: string): string[] | null {
  const letters = plainLetters(form.slice(0, MAX_LENGTH));
  const isTruncated = Math.max(form.length, letters.length) > MAX_LENGTH;
  const visible = letters.slice(0, MAX_LENGTH);
  const named = /\s/.test(form) || /\s/.test(visible) ? null : hostsInAddress(visible, isTruncated);
  return named ?? (isTruncated ? null : hostsIn(visible));
}

/** Replaces letters and dots by the plain ones that they look like. */
function plainLetters(text: string): string {
  return text
    .normalize('NFKC')
    .replace(ON_BLACK(), (letter) =>
      String.fromCharCode(65 + ((letter.codePointAt(0)! - 0x1f150) % 32)),
    )
    .replace(ENCODED_DOT, '.')
    .replace(/\u2010/g, '-')
    .replace(FOREIGN_STOP(), '.');
}

/**
 * Returns the hosts in a single address: its host and the hosts in the user part, not its path. Null if the text is not
 * a single address.
 */
function hostsInAddress(visible: string, isTruncated: boolean): string[] | null {
  const rest = ADDRESS.exec(visible)?.[1];
  const [authority = ''] = (rest ?? visible).split(/[/?#\\]/);
  if (isTruncated && authority.length === (rest ?? visible).length) return null;
  const host = rest === undefined ? '' : hostOf(`https://${authority}`);
  if (host)
    return [asciiOf(authority), ...hostsIn(authority.slice(0, authority.lastIndexOf('@') + 1))];
  const named = hostsIn(authority);
  const isAddress = !authority.endsWith(':') && (/^\S+@\S+$/.test(authority) || named.length === 1);
  return isAddress ? named : null;
}

function hostsIn(text: string): string[] {
  const found = text
    .split(NOT_IN_HOST())
    .map((part) => part.replace(/^[-._]+|(?<![-._])[-._]+$/g, ''))
    .filter((part) => HOST().test(part) && !FILE_NAME.test(part));
  const named = found.filter((host) => !/^[\d.]+$/.test(host) || isIp(host));
  const inUrls = [...text.matchAll(DOTLESS())].map((match) => match[1]!);
  const dotless = [...(text.match(LOCAL()) ?? []), ...(text.match(IN_BRACKETS) ?? []), ...inUrls];
  const valid = dotless.filter((host) => hostOf(`https://${host}`) !== '');
  // A name that is not a valid host may still look like one to the reader.
  return [
    ...named.map((host) => (host.length <= MAX_HOST_LENGTH && asciiOf(host)) || host),
    ...valid.map(asciiOf),
  ];
}

/**
 * Returns the host at the start of an address without a scheme in ASCII, '' if it has none. A host in letters that look
 * like those of another is returned unchanged, since readers mistake it for the other one.
 */
function asciiOf(address: string): string {
  const [url, host] = [`https://${address}`, hostOf(`https://${address}`)];
  const isMisleading = /[^\x00-\x7f]/.test(address) && readableHost(url, host).includes('xn--');
  return isMisleading ? address : host;
}

const isIp = (host: string) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
