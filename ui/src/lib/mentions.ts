import type { Inline } from './parse-body';

export type Mention = { type: 'mention'; text: string; own: boolean };

const escape = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Marks who is named by `@name` in parts of a message's text; everything else stays as it is. */
export function markMentions(parts: Inline[], names: string[], me: string): (Inline | Mention)[] {
  if (names.length === 0) return parts;
  // The longest first: one name may begin another.
  const longest = [...names].sort((a, b) => b.length - a.length).map(escape);
  const pattern = new RegExp(`@(?:${longest.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
  return parts.flatMap((part): (Inline | Mention)[] => {
    if (part.type !== 'text') return [part];
    const found: (Inline | Mention)[] = [];
    let at = 0;
    for (const match of part.text.matchAll(pattern)) {
      if (match.index > at) found.push({ type: 'text', text: part.text.slice(at, match.index) });
      const name = match[0].slice(1).toLowerCase();
      found.push({
        type: 'mention',
        text: match[0],
        own: name === me.toLowerCase() || name === 'all',
      });
      at = match.index + match[0].length;
    }
    if (at < part.text.length) found.push({ type: 'text', text: part.text.slice(at) });
    return found;
  });
}
