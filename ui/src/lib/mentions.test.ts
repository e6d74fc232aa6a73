import { expect, test } from 'vitest';
import { markMentions, meantBy, mentionPattern } from './mentions';

const mark = (text: string, names: string[], me: string) =>
  markMentions(text, mentionPattern(names), [me]);

test('names are marked where they end, the longest first, and mine by itself', () => {
  const marked = mark('@Jen and @jenny wren, @Jennys', ['jen', 'Jenny Wren'], 'jen');
  expect(marked).toEqual([
    { type: 'mention', text: '@Jen', own: true },
    { type: 'text', text: ' and ' },
    { type: 'mention', text: '@jenny wren', own: false },
    { type: 'text', text: ', @Jennys' },
  ]);
});

test('a name like an expression is what it is, and nobody is named where none is known', () => {
  expect(mark('@jen', [], 'x')).toEqual([{ type: 'text', text: '@jen' }]);
  expect(mark('@a.c @abc', ['a.c'], 'x')[0]).toEqual({
    type: 'mention',
    text: '@a.c',
    own: false,
  });
});

test('who is named is known in any script and letter case, and an accent makes another name', () => {
  expect(mark('@андрей', ['Андрей'], 'Андрей')).toEqual([
    { type: 'mention', text: '@андрей', own: true },
  ]);
  expect(mark('@ΣΟΦΟΣ', ['σοφος'], 'σοφος')[0]).toMatchObject({ type: 'mention', own: true });
  expect(mark('@wrén', ['wren', 'wrén'], 'wren')[0]).toMatchObject({ type: 'mention', own: false });
});

test('no display name takes what is meant for a username with which it begins', () => {
  const people = [
    { id: 'm', username: 'mallory', name: 'Wren please' },
    { id: 'w', username: 'wren', name: 'mallory' },
  ];
  const pattern = mentionPattern(
    people.map(({ username }) => username),
    people.map(({ name }) => name),
  );
  const marked = markMentions('@wren please look', pattern, ['wren']);
  expect(marked).toEqual([
    { type: 'mention', text: '@wren', own: true },
    { type: 'text', text: ' please look' },
  ]);
  expect(meantBy('@wren', people)?.id).toBe('w');
  expect(meantBy('@mallory', [...people].reverse())?.id).toBe('m');
});

test('a mention means who is named by it, by username or by display name', () => {
  const people = [
    { id: 'a', username: 'wren', name: 'Wren Okafor' },
    { id: 'b', username: 'oak', name: 'oak' },
  ];
  for (const mention of ['@wren', '@WREN', '@wren okafor'])
    expect(meantBy(mention, people)?.id).toBe('a');
  expect(meantBy('@oak', people)?.id).toBe('b');
  expect(meantBy('@wrén', people)).toBeUndefined();
});
