import type { Person } from '../ipc';
import { startsFolded } from './fold';

/** What can stand before a colon in the search, and what can stand behind it, where that is a list. */
export const OPERATORS: Record<string, readonly string[]> = {
  from: ['me'],
  in: [],
  with: [],
  has: ['link', 'file', 'image', 'code', 'reaction'],
  is: ['pinned', 'saved', 'unread', 'mine'],
  before: ['today', 'yesterday'],
  after: ['today', 'yesterday'],
  on: ['today', 'yesterday'],
};

/** The term in which one writes, if an operator can be made of it. */
export type Operator = {
  from: number;
  to: number;
  minus: string;
  /** Without a colon, the beginning of a name. */
  name: string;
  /** null before there is a colon. */
  value: string | null;
};

/** What can be put in the place of a stretch of the query. */
export type Suggestion = { from: number; to: number; text: string; label: string };

const MOST = 6;

/** The term at the caret, unless that is in the middle of one. */
export function operatorAt(query: string, caret: number): Operator | null {
  const before = query.slice(0, caret);
  const rest = query.slice(caret);
  if (rest !== '' && !/^\s/.test(rest)) return null;
  const match = /(?:^|\s)(-?)([a-z]+)(?::(?:"([^"]*)|([^\s"]*)))?$/i.exec(before);
  if (!match) return null;
  const [whole, minus = '', name = '', quoted, plain] = match;
  const from = caret - whole.trimStart().length;
  const value = quoted ?? plain ?? null;
  return { from, to: caret, minus, name: name.toLowerCase(), value };
}

const quote = (value: string) => (/\s/.test(value) ? `"${value}"` : value);

/** What the term may become, at most six, the likeliest first. */
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
    // A single letter is a word that one writes, not an operator.
    if (name.length < 2) return [];
    const names = Object.keys(OPERATORS).filter((known) => known.startsWith(name));
    return names.map((known) => suggest(`${known}:`, ''));
  }
  if (!(name in OPERATORS)) return [];
  const begins = (one: string) => startsFolded(one, value.replace(/^[@#]/, ''));
  let values = OPERATORS[name]!.filter(begins);
  if (name === 'in') {
    values = conversations.map((conversation) => conversation.title).filter(begins);
  } else if (name === 'from' || name === 'with') {
    const found = await people(value.replace(/^@/, ''));
    values = [...values, ...found.map((person) => person.username)];
  }
  return [...new Set(values)]
    .filter((one) => one !== '' && one !== value)
    .slice(0, MOST)
    .map((one) => suggest(`${name}:${quote(one)}`, ' '));
}
