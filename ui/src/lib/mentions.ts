import type { Inline } from '../ipc';

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

/** Splits a piece of a message's text into plain text and the mentions in it. */
export function markMentions(text: string, pattern: RegExp | null, me: string): (Text | Mention)[] {
  const found: (Text | Mention)[] = [];
  // Matches by the same rules as `pattern`.
  const mine = new RegExp(`^@(?:${escape(me)}|all)$`, 'iu');
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
