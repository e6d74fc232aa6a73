import { byName, hasFolded, startsFolded } from './fold';

/** The text before the caret that a list can complete. */
export type Typed = {
  kind: 'mention' | 'emoji' | 'command';
  /** Where the text starts, its leading character included. */
  from: number;
  /** The text after the leading `@`, `:` or `/`. */
  prefix: string;
};

/** A completion that can replace the typed text. `name` is its full name, without the leading character. */
export type Offer = { text: string; label: string; name: string; hint?: string };

/** Longest text that can be completed. The text before it may be megabytes and is not looked at. */
const LONGEST = 100;
const before = (body: string, caret: number) => body.slice(Math.max(0, caret - LONGEST), caret);

export function typedAt(body: string, caret: number): Typed | null {
  const near = before(body, caret);
  const command = caret < LONGEST && /^\/([a-z]*)$/.exec(near);
  if (command) return { kind: 'command', from: 0, prefix: command[1]! };
  const emoji = /(?:^|[\s([{"'])(:([\w+-]{2,}))$/.exec(near);
  if (emoji) return { kind: 'emoji', from: caret - emoji[1]!.length, prefix: emoji[2]! };
  const mention = mentionAt(body, caret);
  return mention && { kind: 'mention', ...mention };
}

/** Returns the mention that is being typed after an `@` at the start of a word, or null. */
export function mentionAt(body: string, caret: number): { from: number; prefix: string } | null {
  const near = before(body, caret);
  const at = near.lastIndexOf('@');
  if (at < 0 || (at > 0 && /[\p{L}\p{N}_]/u.test(near[at - 1]!))) return null;
  const prefix = near.slice(at + 1);
  // A name may contain spaces but not start with one, and no typed name is longer than 50.
  if (prefix.length > 50 || /^\s|\n/.test(prefix)) return null;
  return { from: caret - prefix.length - 1, prefix };
}

/** Returns the shortcode whose closing colon was just typed, or null. */
export function shortcodeAt(body: string, caret: number): { from: number; code: string } | null {
  const match = /(?:^|[\s([{"'])(:([\w+-]+):)$/.exec(before(body, caret));
  return match && { from: caret - match[1]!.length, code: match[2]!.toLowerCase() };
}

/** A person who can be mentioned: the username, and the shown name. */
export type Mentionable = { username: string; name: string };

/**
 * Returns at most `most` of the people whose username, or a word of whose shown name, starts with `prefix` when both
 * are folded (see `fold`): shortest username first.
 */
export function peopleStarting(people: Mentionable[], prefix: string, most: number): Mentionable[] {
  const begins = (name: string) =>
    startsFolded(name, prefix) || hasFolded(` ${name}`, ` ${prefix}`);
  const fits = people.filter(
    ({ username, name }) => startsFolded(username, prefix) || begins(name),
  );
  const order = (a: Mentionable, b: Mentionable) =>
    a.username.length - b.username.length || byName(a.username, b.username);
  return fits.sort(order).slice(0, most);
}
