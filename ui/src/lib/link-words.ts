/** Which hosts the text of a link names, as people see them. */
import characters from './characters.gen.json';
import { hostOf, readableHost } from './link-host';

/**
 * Returns whether every host that the text names is one of `hosts`. True for a text that names no host, false for one
 * that is too long to be read, and for one that writes a host in letters that look like those of another.
 */
export function namesOnly(hosts: string[], words: string): boolean {
  const known = new Set(hosts.map(plain));
  return readingsOf(words).every((reading) => {
    const named = namedIn(reading);
    if (named === null) return false;
    // With these control characters, the order of the visible letters is uncertain.
    if (named.length > 0 && TURNED.test(words)) return false;
    return named.every((host) => known.has(plain(host)));
  });
}

/** Normalizes a host so that two spellings of it are equal: `WWW.bank.example.` becomes `bank.example`. */
const plain = (host: string) =>
  host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');

/** Longest part of the visible text that is looked at: a link is a line. */
const LONGEST = 2000;
/** Longest name in DNS. */
const LONGEST_HOST = 253;
/** Control characters that force the direction of the following text. */
const TURNED = /[\u202d\u202e]/;
/** Invisible characters. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu;
/** Blank characters that are not spaces, and spaces so narrow that they may go unnoticed. */
const BLANK = new RegExp(
  `[${characters.blank.join('')}\\u115f\\u1160\\u3164\\uffa0\\u2006\\u2008-\\u200a\\u202f]`,
  'gu',
);
/** Characters that no host name contains. */
const APART = /[^\p{L}\p{M}\p{N}._-]+|\.{2,}/u;
/**
 * Labels with dots between them. The last one starts with a letter and has two characters or more, or is a number of
 * up to three digits.
 */
const HOST = /^(?:[^.]+\.)+(?:\p{L}[^.]*[^.]|\d{1,3})\.?$/u;
/** File name extensions that are not top-level domains. */
const NO_DOMAIN =
  /\.(?:c|css|csv|cpp|docx?|gif|go|h|hpp|html?|ini|java|jpe?g|js|json|jsx|kt|lock|log|pdf|php|png|pptx?|rakumod|rakutest|rb|sql|svelte|svg|toml|ts|tsx|txt|wasm|xlsx?|xml|ya?ml)$/i;
/** An address after any scheme: the host, with what stands before and after it. */
const ADDRESS = /^(?:https?:|[a-z][a-z\d+-]*:[/\\])[/\\]+(.*)$/i;

/** Names of this computer, alone or at the start of an address. */
const LOCAL = /^localhost\.?$|(?<![\p{L}\p{M}\p{N}._-])localhost(?=:\d|[/\\@])/giu;
/** What may be an IPv6 address. */
const IN_BRACKETS = /\[[\da-f:.]+\]/gi;
/** The host of an address within a text, if it has no dots. */
const UNDOTTED =
  /(?<![a-z\d+-])(?:https?:|[a-z][a-z\d+-]*:[/\\])[/\\]+([\p{L}\p{M}\p{N}_-]+)(?!\.?[\p{L}\p{M}\p{N}_-])/giu;

/**
 * A full stop of another script, which address parsers or readers take for a dot. In ordinary text it ends a sentence
 * without a space after it, so it counts as a dot only before letters of scripts without such a stop, and before
 * top-level domains.
 */
const STOP =
  /[\u3002\u06d4\u0660\u06f0\u0701\u0702\ua4f8\ua60e\u{10a50}](?=[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]|(?:中国|中國|公司|网络|網絡|网址|在线|香港|台湾|台灣|澳门|澳門|新加坡|한국|닷컴|닷넷|コム|みんな|テスト)(?![\p{L}\p{N}]))/gu;
/** Percent-encoded dots. */
const ENCODED_DOT = /%2e|%e3%80%82|%ef%bc%8e|%ef%bd%a1/gi;
/** White letters on black, in circles and squares, whose compatibility form is not a letter. */
const ON_BLACK = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}]/gu;

/** Returns the text as it looks: once with blanks as spaces, and once without blanks if that differs. */
function readingsOf(words: string): string[] {
  const readings = [' ', ''].map((blank) =>
    words.replace(BLANK, blank).replace(UNSEEN, '').replace(/\s+/g, ' ').trim(),
  );
  return [...new Set(readings)];
}

/**
 * Returns the hosts that a reading names, in ASCII where possible and not misleading (see `asciiOf`), or null if it is too long to be read. */
function namedIn(reading: string): string[] | null {
  const letters = lettersOf(reading.slice(0, LONGEST));
  const isCut = Math.max(reading.length, letters.length) > LONGEST;
  const seen = letters.slice(0, LONGEST);
  const named = /\s/.test(reading) || /\s/.test(seen) ? null : namedInAddress(seen, isCut);
  return named ?? (isCut ? null : hostsIn(seen));
}

/** Returns the text with letters and dots replaced by the plain ones that they look like. */
function lettersOf(text: string): string {
  return text
    .normalize('NFKC')
    .replace(ON_BLACK, (letter) =>
      String.fromCharCode(65 + ((letter.codePointAt(0)! - 0x1f150) % 32)),
    )
    .replace(ENCODED_DOT, '.')
    .replace(/\u2010/g, '-')
    .replace(STOP, '.');
}

/**
 * Returns what a single address names: its host and the hosts in the user part, not its path. Null if the text is not
 * a single address.
 */
function namedInAddress(seen: string, isCut: boolean): string[] | null {
  const rest = ADDRESS.exec(seen)?.[1];
  const [authority = ''] = (rest ?? seen).split(/[/?#\\]/);
  if (isCut && authority.length === (rest ?? seen).length) return null;
  const host = rest === undefined ? '' : hostOf(`https://${authority}`);
  if (host)
    return [asciiOf(authority), ...hostsIn(authority.slice(0, authority.lastIndexOf('@') + 1))];
  const named = hostsIn(authority);
  const isBare = !authority.endsWith(':') && (/^\S+@\S+$/.test(authority) || named.length === 1);
  return isBare ? named : null;
}

function hostsIn(text: string): string[] {
  const found = text
    .split(APART)
    .map((part) => part.replace(/^[-._]+|(?<![-._])[-._]+$/g, ''))
    .filter((part) => HOST.test(part) && !NO_DOMAIN.test(part));
  const named = found.filter((host) => !/^[\d.]+$/.test(host) || isIp(host));
  const undotted = [...text.matchAll(UNDOTTED)].map((match) => match[1]!);
  const without = [...(text.match(LOCAL) ?? []), ...(text.match(IN_BRACKETS) ?? []), ...undotted];
  const real = without.filter((host) => hostOf(`https://${host}`) !== '');
  // A name that cannot be a real host still means something to the reader.
  return [
    ...named.map((host) => (host.length <= LONGEST_HOST && asciiOf(host)) || host),
    ...real.map(asciiOf),
  ];
}

/**
 * Returns the host at the start of an address without a scheme in ASCII, '' if it has none. A host in letters that look
 * like those of another is returned as it is written: readers take it for the other one.
 */
function asciiOf(address: string): string {
  const [url, host] = [`https://${address}`, hostOf(`https://${address}`)];
  const isMisleading = /[^\x00-\x7f]/.test(address) && readableHost(url, host).includes('xn--');
  return isMisleading ? address : host;
}

const isIp = (host: string) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
