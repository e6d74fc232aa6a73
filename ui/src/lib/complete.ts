import { byName, startsFolded } from './fold';

/** What is being typed, up to the caret, that a list can complete. */
export type Typed = {
  kind: 'mention' | 'emoji' | 'command';
  /** Where it begins. */
  from: number;
  /** What stands behind the sign. */
  prefix: string;
};

/** Something to put in its place. `name` is what one types for all of it, behind the sign. */
export type Offer = { text: string; label: string; name: string; hint?: string };

/** Nothing that can be completed is longer. What stands before may be megabytes, and is not looked at. */
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

/** What is being typed behind an `@` that begins a word; nothing elsewhere. */
export function mentionAt(body: string, caret: number): { from: number; prefix: string } | null {
  const near = before(body, caret);
  const at = near.lastIndexOf('@');
  if (at < 0 || (at > 0 && /[\p{L}\p{N}_]/u.test(near[at - 1]!))) return null;
  const prefix = near.slice(at + 1);
  // A name may have spaces in it, but not begin with one; and nobody types a name that long.
  if (prefix.length > 50 || /^\s|\n/.test(prefix)) return null;
  return { from: caret - prefix.length - 1, prefix };
}

/** A shortcode whose second colon was just typed. */
export function shortcodeAt(body: string, caret: number): { from: number; code: string } | null {
  const match = /(?:^|[\s([{"'])(:([\w+-]+):)$/.exec(before(body, caret));
  return match && { from: caret - match[1]!.length, code: match[2]!.toLowerCase() };
}

/** The names that begin so, however they are written (see `fold`), the shortest first. */
export function namesStarting(names: string[], prefix: string, most: number): string[] {
  const fits = names.filter((name) => startsFolded(name, prefix));
  return fits.sort((a, b) => a.length - b.length || byName(a, b)).slice(0, most);
}
