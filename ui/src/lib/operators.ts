import type { Person } from '../ipc';
import { startsFolded } from './fold';
import { withoutPrefix } from './title';

/** The search operators, which are followed by a colon, with their fixed values. */
export const OPERATORS: Record<string, readonly string[]> = {
  from: ['me'],
  in: [],
  with: [],
  has: ['link', 'file', 'image', 'code', 'reaction'],
  is: ['pinned', 'saved', 'unread', 'mine'],
  file: [],
  type: ['image', 'video', 'audio', 'pdf'],
  before: ['today', 'yesterday'],
  after: ['today', 'yesterday'],
  on: ['today', 'yesterday'],
};

/** The search term at the caret, if it can become an operator. */
export type Operator = {
  from: number;
  to: number;
  minus: string;
  /** The operator's name, or the start of one if there is no colon yet. */
  name: string;
  /** The text after the colon, null before there is a colon. */
  value: string | null;
};

/** A text that can replace the part of the query between `from` and `to`. */
export type Suggestion = { from: number; to: number; text: string; label: string };

const MAX_SUGGESTIONS = 6;

/** Returns the term that ends at the caret, or null if the caret is in the middle of a term. */
export function operatorAt(query: string, caret: number): Operator | null {
  const before = query.slice(0, caret);
  const rest = query.slice(caret);
  if (rest !== '' && !/^\s/.test(rest)) return null;
  const match = /(?:^|\s)(-?)([a-z]+)(?::(?:"((?:[^"]|"")*)|([^\s"]*)))?$/i.exec(before);
  if (!match) return null;
  const [whole, minus = '', name = '', inQuotes, plain] = match;
  const from = caret - whole.trimStart().length;
  const value = inQuotes?.replaceAll('""', '"') ?? plain ?? null;
  return { from, to: caret, minus, name: name.toLowerCase(), value };
}

/**
 * Returns a value written so that the search reads it back unchanged, whatever it contains (crates/store,
 * search/query.rs).
 */
export const quoteValue = (value: string) =>
  /^[\p{L}\p{M}\p{N}#_.-]+$/u.test(value) ? value : `"${value.replaceAll('"', '""')}"`;

/** Returns whether a query has an `in:` operator. */
export const hasConversation = (query: string) =>
  /(?:^|\s)in:\S/i.test(query.replace(/(^|\s)(-?)"[^"]*"?/g, '$1'));

/** Returns the suggestions for a term, at most six, the best first. */
export async function suggestionsFor(
  operator: Operator,
  conversations: readonly { title: string; kind: string }[],
  people: (beginning: string) => Promise<Person[]>,
): Promise<Suggestion[]> {
  const { from, to, minus, name, value } = operator;
  const suggest = (term: string, after: string) => ({
    from,
    to,
    text: `${minus}${term}${after}`,
    label: `${minus}${term}`,
  });
  if (value === null) {
    // A single letter is the start of a word rather than of an operator.
    if (name.length < 2) return [];
    const names = Object.keys(OPERATORS).filter((known) => known.startsWith(name));
    return names.map((known) => suggest(`${known}:`, ''));
  }
  if (!(name in OPERATORS)) return [];
  const matches = (candidate: string) =>
    startsFolded(candidate, value) || startsFolded(withoutPrefix(candidate), withoutPrefix(value));
  let terms = OPERATORS[name]!.filter(matches);
  const names = (found: string[]) =>
    found.filter((value) => value !== '').map((value) => quoteName(name, value));
  if (name === 'in') {
    terms = names(conversations.map((conversation) => conversation.title).filter(matches));
  } else if (name === 'from' || name === 'with') {
    const found = await people(withoutPrefix(value));
    terms = [...terms, ...names(found.map((person) => person.username))];
  }
  return [...new Set(terms)]
    .filter((term) => term !== value && term !== `"${value}"`)
    .slice(0, MAX_SUGGESTIONS)
    .map((term) => suggest(`${name}:${term}`, ' '));
}

/**
 * Returns a name as the operator's value. It is also quoted if it is equal to one of the operator's fixed values.
 */
const quoteName = (operator: string, value: string) =>
  OPERATORS[operator]!.includes(value.toLowerCase()) ? `"${value}"` : quoteValue(value);
