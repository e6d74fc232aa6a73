import { compareNames, fold, hasFolded, startsFolded } from './fold';
import { isInWord, isWrittenWithoutSpaces } from './scripts';

/** The text before the caret that can be completed from a list. */
export type TypedPrefix = {
  kind: 'mention' | 'emoji' | 'command';
  /** Where the text starts, its leading character included. */
  from: number;
  /** The text after the leading `@`, `:` or `/`. */
  prefix: string;
};

/** A completion that can replace the typed text. `name` is its full name, without the leading character. */
export type CompletionOption = { text: string; label: string; name: string; hint?: string };

/** Longest text that can be completed. The text before it may be megabytes and is not looked at. */
const MAX_LENGTH = 100;
const before = (body: string, caret: number) => body.slice(Math.max(0, caret - MAX_LENGTH), caret);

/** Returns the prefix before the caret that can be completed, or null. */
export function typedPrefixAt(body: string, caret: number): TypedPrefix | null {
  const near = before(body, caret);
  const command = caret < MAX_LENGTH && /^\/([a-z]*)$/.exec(near);
  if (command) return { kind: 'command', from: 0, prefix: command[1]! };
  const emoji = /:([\w+-]{2,})$/.exec(near);
  if (emoji && mayStartEmoji(near.slice(0, emoji.index)))
    return { kind: 'emoji', from: caret - emoji[0].length, prefix: emoji[1]! };
  const mention = mentionAt(body, caret);
  return mention && { kind: 'mention', ...mention };
}

/** The last character of a text, '' if it is empty. */
const lastOf = (text: string) => /.?$/su.exec(text)![0];

/** Returns whether a shortcode may start after this text: at the start of a word. */
const mayStartEmoji = (before: string) =>
  /(?:^|[\s([{"'\u3000-\u303f\uff01-\uff0f])$/.test(before) ||
  isWrittenWithoutSpaces(lastOf(before));

/**
 * Returns whether a mention may start after this text: at the start of a word that is not part of an address such as
 * `mastodon.social/` (crates/markup, mentions).
 */
function mayStartMention(before: string): boolean {
  const last = lastOf(before.replace(/[\p{Mn}\p{Me}]{1,100}$/u, ''));
  if (last !== '' && isInWord(last)) return false;
  const [host, path] = /[^\s()<>[\]{}"'`,;]*$/.exec(before)![0].split('/');
  const isName = SIGNS.some((sign) => host!.startsWith(sign));
  return path === undefined || isName || !/[.:]/.test(host!);
}

/** The sign of a mention in all its forms (crates/protocol, reserved.rs); a completed mention has the first one. */
const SIGNS = ['@', '\uff20', '\ufe6b'];

/** Returns the mention that is being typed after an `@` at the start of a word, or null. */
export function mentionAt(body: string, caret: number): { from: number; prefix: string } | null {
  const near = before(body, caret);
  const at = Math.max(...SIGNS.map((sign) => near.lastIndexOf(sign)));
  if (at < 0 || !mayStartMention(near.slice(0, at))) return null;
  const prefix = near.slice(at + 1);
  // A name may contain spaces but not start with one, and no typed name is longer than 50.
  if (prefix.length > 50 || /^\s|\n/.test(prefix)) return null;
  return { from: caret - prefix.length - 1, prefix };
}

/** Returns the shortcode whose closing colon was just typed, or null. */
export function shortcodeAt(body: string, caret: number): { from: number; code: string } | null {
  const near = before(body, caret);
  const match = /:([\w+-]+):$/.exec(near);
  if (!match || !mayStartEmoji(near.slice(0, match.index))) return null;
  return { from: caret - match[0].length, code: match[1]!.toLowerCase() };
}

/** A person who can be mentioned: the username, and the shown name. */
export type Mentionable = { username: string; name: string };

/**
 * Returns at most `limit` of the people whose username, or a word of whose shown name, starts with `prefix` when both
 * are folded (see `fold`): shortest username first.
 */
export function peopleWithPrefix(
  people: Mentionable[],
  prefix: string,
  limit: number,
): Mentionable[] {
  const hasWord = (name: string) =>
    startsFolded(name, prefix) || hasFolded(` ${name}`, ` ${prefix}`);
  const matches = people.filter(
    ({ username, name }) => startsFolded(username, prefix) || hasWord(name),
  );
  const order = (a: Mentionable, b: Mentionable) =>
    a.username.length - b.username.length || compareNames(a.username, b.username);
  return matches.sort(order).slice(0, limit);
}

/** Returns whether a character is a combining mark, which changes the letter before it. */
const isMark = (character: string) => /[\p{Mn}\p{Me}]/u.test(character);

/** The people whom a typed text may name, and the text after the name: `さん` in `@wrenさん`. */
export type NameMatch = { people: Mentionable[]; textAfter: string };

/**
 * Returns the people whom the text after an `@` may name, at most `limit`. Where a script without spaces follows or
 * ends a name, the text may continue after it: if no name starts with the whole text, the longest name in it counts,
 * and then the beginning of one before such a script.
 */
export function matchPeople(people: Mentionable[], typed: string, limit: number): NameMatch {
  const started = peopleWithPrefix(people, typed, limit);
  if (started.length > 0) return { people: started, textAfter: '' };
  const letters = [...typed];
  const hasNoSpaces = letters.map(isWrittenWithoutSpaces);
  // The text after the name is a single word. Text after another word means that the name is complete.
  const first = letters.findLastIndex((letter) => !/[\p{L}\p{M}\p{N}]/u.test(letter)) + 2;
  const parts = letters
    .map((_, at) => letters.slice(0, at).join(''))
    .filter(
      (_, at) => at >= first && (hasNoSpaces[at] || hasNoSpaces[at - 1]) && !isMark(letters[at]!),
    );
  const lengths = new Map(parts.map((part) => [fold(part), part.length]));
  const lengthIn = ({ username, name }: Mentionable) =>
    Math.max(lengths.get(fold(username)) ?? 0, lengths.get(fold(name)) ?? 0);
  const longest = Math.max(0, ...people.map(lengthIn));
  if (longest > 0) {
    const named = people.filter((person) => lengthIn(person) === longest);
    return { people: named.slice(0, limit), textAfter: typed.slice(longest) };
  }
  const start = parts.find((part) => !isWrittenWithoutSpaces(lastOf(part))) ?? '';
  if (start === '') return { people: [], textAfter: '' };
  return { people: peopleWithPrefix(people, start, limit), textAfter: typed.slice(start.length) };
}

/** Returns a mention with the text that follows it, separated by a space where they would otherwise be one word. */
export function mentionWithSpace(username: string, textAfter: string): string {
  const needsNoSpace =
    isWrittenWithoutSpaces(textAfter) || isWrittenWithoutSpaces(lastOf(username));
  return `@${username}${textAfter !== '' && needsNoSpace ? '' : ' '}${textAfter}`;
}
