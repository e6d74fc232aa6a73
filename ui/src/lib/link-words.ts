/** Which hosts the words of a link name, as people see them. */
import { hostOf } from './link-host';

/** Whether every host that the words name is one of these. Words that name none may say anything. */
export function namesOnly(hosts: string[], words: string): boolean {
  const known = new Set(hosts.map(plain));
  return readingsOf(words).every((reading) => {
    const named = namedIn(reading);
    if (named === null) return false;
    // Nobody sees in which order these letters are.
    if (named.length > 0 && TURNED.test(words)) return false;
    return named.every((host) => known.has(plain(host)));
  });
}

/** Two writings of a host are one: `WWW.bank.example.` is `bank.example`. */
const plain = (host: string) =>
  host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');

/** Longest of what is seen that is looked at: a link is a line. */
const LONGEST = 2000;
/** Longest name that DNS has. */
const LONGEST_HOST = 253;
/** Writes what follows in another direction. */
const TURNED = /[\u202d\u202e]/;
/** What nobody sees. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu;
/** Blanks that are no spaces, and spaces so narrow that they may be taken for nothing. */
const BLANK = /[\u115f\u1160\u2800\u3164\uffa0\u2006\u2008-\u200a\u202f]/g;
/** What is in no name of a host. */
const APART = /[^\p{L}\p{M}\p{N}._-]+|\.{2,}/u;
/** Letters with dots between them, the last two or more; or numbers. */
const HOST = /^(?:[^.]+\.)+(?:\p{L}[^.]*[^.]|\d{1,3})\.?$/u;
/** Ends of names of files that are no domain. */
const NO_DOMAIN =
  /\.(?:c|css|csv|cpp|docx?|gif|go|h|hpp|html?|ini|java|jpe?g|js|json|jsx|kt|lock|log|pdf|php|png|pptx?|rakumod|rakutest|rb|sql|svelte|svg|toml|ts|tsx|txt|wasm|xlsx?|xml|ya?ml)$/i;
/** After any scheme: the host, with what is before and behind it. */
const ADDRESS = /^(?:https?:|[a-z][a-z\d+-]*:[/\\])[/\\]+(.*)$/i;

/**
 * A full stop of another script, which addresses or eyes take for a dot. Between words it ends a sentence, with no
 * space behind it; so it is only a dot before letters that have no such stop, and before top-level domains.
 */
const STOP =
  /[\u3002\u06d4\u0660\u06f0\u0701\u0702\ua4f8\ua60e\u{10a50}](?=[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]|(?:中国|中國|公司|网络|網絡|网址|在线|香港|台湾|台灣|澳门|澳門|新加坡|한국|닷컴|닷넷|コム|みんな|テスト)(?![\p{L}\p{N}]))/gu;
/** Dots as addresses write them in hexadecimal. */
const ENCODED_DOT = /%2e|%e3%80%82|%ef%bc%8e|%ef%bd%a1/gi;
/** White letters on black, in circles and squares: their compatible form is no letter. */
const ON_BLACK = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}]/gu;

/** As it looks, once with blanks as spaces and once without them. */
function readingsOf(words: string): string[] {
  const readings = [' ', ''].map((blank) =>
    words.replace(BLANK, blank).replace(UNSEEN, '').replace(/\s+/g, ' ').trim(),
  );
  return [...new Set(readings)];
}

/** The hosts that are named, in ASCII where that can be; null where there is too much to be read. */
function namedIn(reading: string): string[] | null {
  const letters = lettersOf(reading.slice(0, LONGEST));
  const isCut = Math.max(reading.length, letters.length) > LONGEST;
  const seen = letters.slice(0, LONGEST);
  const named = /\s/.test(reading) || /\s/.test(seen) ? null : namedInAddress(seen, isCut);
  return named ?? (isCut ? null : hostsIn(seen));
}

/** The plain letters and dots that these look like. */
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

/** What one address names: its host and what is before that, not its path. Null if it is none. */
function namedInAddress(seen: string, isCut: boolean): string[] | null {
  const rest = ADDRESS.exec(seen)?.[1];
  const [authority = ''] = (rest ?? seen).split(/[/?#\\]/);
  if (isCut && authority.length === (rest ?? seen).length) return null;
  const host = rest === undefined ? '' : hostOf(`https://${authority}`);
  if (host) return [host, ...hostsIn(authority.slice(0, authority.lastIndexOf('@') + 1))];
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
  // A name that no address can have still says something.
  return named.map((host) => (host.length <= LONGEST_HOST && hostOf(`https://${host}`)) || host);
}

const isIp = (host: string) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
