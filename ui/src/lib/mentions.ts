import type { Inline, Person } from '../ipc';

export type Mention = { type: 'mention'; text: string; own: boolean };
export type Text = Extract<Inline, { type: 'text' }>;

const escape = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Returns a pattern that finds `@name` for any of `names`, or null if there are none. */
export function mentionPattern(names: string[]): RegExp | null {
  if (names.length === 0) return null;
  // The longest names come first, since one name may be the start of another.
  const longest = [...names].sort((a, b) => b.length - a.length).map(escape);
  return new RegExp(`@(?:${longest.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
}

/** The names by which a person can be mentioned. */
export const namesOf = ({ username, name }: Person) =>
  name === username ? [username] : [username, name];

/** Returns a pattern for a mention of one of these names, by the same rules as {@link mentionPattern}. */
const mentionOf = (names: string[]) => new RegExp(`^@(?:${names.map(escape).join('|')})$`, 'iu');

/** Returns which of these people a mention means. */
export const meantBy = (mention: string, people: Person[]) =>
  people.find((person) => mentionOf(namesOf(person)).test(mention));

/** Splits a piece of a message's text into plain text and the mentions in it, of which those of `own` are one's own. */
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
