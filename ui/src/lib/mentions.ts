import type { Inline, Person } from '../ipc';

export type Mention = { type: 'mention'; text: string; own: boolean };
export type Text = Extract<Inline, { type: 'text' }>;

const escape = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// The longest names come first, since one name may be the start of another.
const longestFirst = (names: string[]) => [...names].sort((a, b) => b.length - a.length);

/**
 * Returns a pattern that finds `@name` for any of these names, or null if there are none. A display name is found only
 * where no username matches, so nobody takes the mentions of `wren` by choosing the display name `wren please`.
 */
export function mentionPattern(usernames: string[], displayNames: string[] = []): RegExp | null {
  const names = [...longestFirst(usernames), ...longestFirst(displayNames)].map(escape);
  if (names.length === 0) return null;
  return new RegExp(`@(?:${names.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
}

/** The names by which a person can be mentioned. */
export const namesOf = ({ username, name }: Person) =>
  name === username ? [username] : [username, name];

/** Returns a pattern for a mention of one of these names, by the same rules as {@link mentionPattern}. */
const mentionOf = (names: string[]) => new RegExp(`^@(?:${names.map(escape).join('|')})$`, 'iu');

/** Returns the person whom a mention means: the one with the username, or else the one with the display name. */
export const meantBy = (mention: string, people: Person[]) =>
  people.find(({ username }) => mentionOf([username]).test(mention)) ??
  people.find(({ name }) => mentionOf([name]).test(mention));

/** Splits a piece of a message's text into plain text and mentions. `own` are the user's own names. */
export function markMentions(
  text: string,
  pattern: RegExp | null,
  own: string[],
): (Text | Mention)[] {
  const found: (Text | Mention)[] = [];
  const mine = mentionOf([...own, 'all']);
  let at = 0;
  for (const match of pattern ? text.matchAll(pattern) : []) {
    if (match.index > at) found.push({ type: 'text', text: text.slice(at, match.index) });
    found.push({
      type: 'mention',
      text: match[0],
      own: mine.test(match[0]),
    });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ type: 'text', text: text.slice(at) });
  return found;
}
