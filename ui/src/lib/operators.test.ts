import { expect, test } from 'vitest';
import { hasConversation, operatorAt, quoteValue, suggestionsFor } from './operators';

const conversations = [
  { title: 'The workshop', kind: 'group' },
  { title: 'wren', kind: 'p2p' },
];
const people = (beginning: string) =>
  Promise.resolve(
    ['wren', 'Wren Oak']
      .filter((name) => name.toLowerCase().startsWith(beginning.toLowerCase()))
      .map((username) => ({ id: username, username, name: username })),
  );
const suggest = async (query: string) => {
  const operator = operatorAt(query, query.length);
  const found = operator ? await suggestionsFor(operator, conversations, people) : [];
  return found.map(({ from, to, text }) => query.slice(0, from) + text + query.slice(to));
};

test('the start of an operator is completed', async () => {
  expect(await suggest('spesh fr')).toEqual(['spesh from:']);
  expect(await suggest('-ha')).toEqual(['-has:']);
  expect(await suggest('i')).toEqual([]);
  expect(await suggest('word')).toEqual([]);
});

test('the values of an operator are suggested', async () => {
  expect(await suggest('has:')).toEqual([
    'has:link ',
    'has:file ',
    'has:image ',
    'has:code ',
    'has:reaction ',
  ]);
  expect(await suggest('type:p')).toEqual(['type:pdf ']);
  expect(await suggest('fi')).toEqual(['file:']);
  expect(await suggest('x -is:pi')).toEqual(['x -is:pinned ']);
  expect(await suggest('from:wr')).toEqual(['from:wren ', 'from:"Wren Oak" ']);
  expect(await suggest('from:"wren o')).toEqual(['from:"Wren Oak" ']);
  expect(await suggest('in:#the')).toEqual(['in:"The workshop" ']);
  expect(await suggest('fron:wr')).toEqual([]);
});

test('a suggestion is quoted so that it finds its conversation', async () => {
  const titles = [
    'raku',
    '#raku',
    '5" nails',
    '"so"',
    'in:raku',
    'Wren: "plans"',
    '日本 語',
    "o'k",
  ];
  expect(titles.map(quoteValue)).toEqual([
    'raku',
    '#raku',
    '"5"" nails"',
    '"""so"""',
    '"in:raku"',
    '"Wren: ""plans"""',
    '"日本 語"',
    `"o'k"`,
  ]);
  // A suggestion is parsed back to its value, even if it is only partly typed.
  const conversations = titles.map((title) => ({ title, kind: 'group' }));
  for (const title of titles) {
    const term = `in:"${title.replaceAll('"', '""')}`;
    const operator = operatorAt(`x ${term}`, term.length + 2)!;
    expect(operator.value).toBe(title);
    const incomplete = { ...operator, value: title.slice(0, -1) };
    const found = await suggestionsFor(incomplete, conversations, people);
    expect(found.map(({ text }) => text)).toContain(`in:${quoteValue(title)} `);
  }
});

test('a username that is also a keyword of the search is suggested in quotes', async () => {
  const operator = operatorAt('from:m', 6)!;
  const found = await suggestionsFor(operator, [], async () => [
    { id: 'x', username: 'me', name: 'me' },
  ]);
  expect(found.map(({ text }) => text)).toEqual(['from:me ', 'from:"me" ']);
});

test('a query with a conversation is recognized', () => {
  for (const query of ['in:raku', 'x in:"a b"', 'x In:#raku y'])
    expect(hasConversation(query)).toBe(true);
  for (const query of ['in: raku', 'main:x', '"in:raku"', '-in:raku', 'x -"a in:b"', 'in'])
    expect(hasConversation(query)).toBe(false);
});

test('nothing is suggested in the middle of a term', () => {
  expect(operatorAt('from:wren', 3)).toBeNull();
});
