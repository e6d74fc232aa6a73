import { expect, test } from 'vitest';
import {
  mentionAt,
  mentionWithSpace,
  matchPeople,
  peopleWithPrefix,
  shortcodeAt,
  typedPrefixAt,
} from './complete';

/** Returns the usernames that match, of people without a display name. */
const namesStarting = (names: string[], prefix: string, limit: number) => {
  const people = names.map((name) => ({ username: name, name }));
  return peopleWithPrefix(people, prefix, limit).map(({ username }) => username);
};

test('a mention is completed only at the start of a word', () => {
  expect(mentionAt('hello @je', 9)).toEqual({ from: 6, prefix: 'je' });
  expect(mentionAt('@', 1)).toEqual({ from: 0, prefix: '' });
  expect(mentionAt('@jenny wr', 9)).toEqual({ from: 0, prefix: 'jenny wr' });
  expect(mentionAt('post@je', 7)).toBeNull();
  expect(mentionAt('jose\u0301@je', 8)).toBeNull();
  expect(mentionAt('@ je', 4)).toBeNull();
  expect(mentionAt('@je\nmore', 8)).toBeNull();
  expect(mentionAt('no', 2)).toBeNull();
});

test.each(['请问', 'こんにちは', '안녕', 'ขอบคุณ', 'สวัสดี', 'ຂອບໃຈ', '𠮷'])(
  'a mention or an emoji may start after %s, which is written without spaces',
  (before) => {
    const end = before.length;
    expect(mentionAt(`${before}@wr`, end + 3)).toEqual({ from: end, prefix: 'wr' });
    expect(typedPrefixAt(`${before}:ta`, end + 3)).toEqual({
      kind: 'emoji',
      from: end,
      prefix: 'ta',
    });
    expect(shortcodeAt(`${before}:tada:`, end + 6)).toEqual({ from: end, code: 'tada' });
  },
);

test('a mention can have the at sign of any width, and is completed with that of ASCII', () => {
  for (const sign of ['@', '\uff20', '\ufe6b']) {
    expect(mentionAt(`请问${sign}wr`, 5)).toEqual({ from: 2, prefix: 'wr' });
    expect(mentionAt(`post${sign}wr`, 7)).toBeNull();
    expect(mentionAt(`mastodon.social/${sign}wr`, 19)).toBeNull();
    expect(mentionAt(`@x ${sign}wr`, 6)).toEqual({ from: 3, prefix: 'wr' });
  }
  expect(mentionWithSpace('wren', '')).toBe('@wren ');
});

test('no mention starts within a word or within an address', () => {
  for (const text of ['é@je', 'शब्द@je', 'слово@je', '5@je', 'mastodon.social/@je', '(http://a/@je'])
    expect(mentionAt(text, text.length), text).toBeNull();
  for (const text of ['and/or:@je', '_@je', '**@je', '@wren/@je', '、@je'])
    expect(mentionAt(text, text.length)?.prefix, text).toBe('je');
});

test('text after a name in a script without spaces is not part of the name', () => {
  const people = [
    { username: 'wren', name: 'Jenny Okafor' },
    { username: 'sato', name: '佐藤' },
    { username: 'sasaki', name: '佐々木' },
    { username: 'hanako', name: '佐藤花子' },
  ];
  const named = (typed: string) => {
    const { people: found, textAfter } = matchPeople(people, typed, 9);
    return [...found.map(({ username }) => username), textAfter];
  };
  expect(named('wrenさ')).toEqual(['wren', 'さ']);
  expect(named('WRENさん')).toEqual(['wren', 'さん']);
  expect(named('jenny okaforさん')).toEqual(['wren', 'さん']);
  expect(named('wr님')).toEqual(['wren', '님']);
  expect(named('佐藤さ')).toEqual(['sato', 'さ']);
  expect(named('佐藤')).toEqual(['sato', 'hanako', '']);
  expect(named('佐藤花')).toEqual(['hanako', '']);
  expect(named('wren さ')).toEqual(['']);
  expect(named('wrenさん、お')).toEqual(['']);
  // With the mark, the last letter is a different one.
  expect(named('佐藤\u3099')).toEqual(['']);
  expect(named('wrenx')).toEqual(['']);
  expect(named('さ')).toEqual(['']);
});

test('a completed mention is separated from the text after it', () => {
  expect(mentionWithSpace('wren', '')).toBe('@wren ');
  expect(mentionWithSpace('wren', 'さん')).toBe('@wrenさん');
  expect(mentionWithSpace('佐藤', 'abc')).toBe('@佐藤abc');
  expect(mentionWithSpace('sato', 'abc')).toBe('@sato abc');
});

test('matching names are sorted by length, in any letter case', () => {
  const names = ['Jennifer', 'jen', 'Oak', 'Jenny Wren'];
  expect(namesStarting(names, 'JE', 9)).toEqual(['jen', 'Jennifer', 'Jenny Wren']);
  expect(namesStarting(names, 'je', 1)).toEqual(['jen']);
  expect(namesStarting(names, 'x', 9)).toEqual([]);
});

test('names match in every script and without accents', () => {
  const names = ['Андрей', 'Łukasz', 'IRIS', 'Ἑλένη', 'zoë'];
  const matches = (typed: string) => namesStarting(names, typed, 9);
  expect(matches('анд')).toEqual(['Андрей']);
  expect(matches('łuk')).toEqual(['Łukasz']);
  expect(matches('luk')).toEqual(['Łukasz']);
  expect(matches('iri')).toEqual(['IRIS']);
  expect(matches('ελ')).toEqual(['Ἑλένη']);
  expect(matches('ZOE')).toEqual(['zoë']);
});

test('people match by each word of their display name', () => {
  const people = [
    { username: 'wren', name: 'Żaneta Okafor' },
    { username: 'oak', name: 'oak' },
  ];
  const matches = (typed: string) =>
    peopleWithPrefix(people, typed, 9).map((person) => person.username);
  expect(matches('zan')).toEqual(['wren']);
  expect(matches('OKA')).toEqual(['wren']);
  expect(matches('zaneta ok')).toEqual(['wren']);
  expect(matches('w')).toEqual(['wren']);
  expect(matches('afor')).toEqual([]);
  expect(matches('o')).toEqual(['oak', 'wren']);
});

test('the typed prefix is that of a mention, an emoji or a command', () => {
  const kind = (body: string) => typedPrefixAt(body, body.length)?.kind ?? null;
  expect(kind('nice :ta')).toBe('emoji');
  expect(kind('at 10:30')).toBeNull();
  expect(kind('http://x')).toBeNull();
  expect(kind('a :t')).toBeNull();
  expect(kind('/to')).toBe('command');
  expect(kind('a /to')).toBeNull();
  expect(kind('hi @je')).toBe('mention');
  expect(shortcodeAt('nice :tada:', 11)).toEqual({ from: 5, code: 'tada' });
  expect(shortcodeAt('10:30:', 6)).toBeNull();
});

test('completion is fast after megabytes of text', () => {
  const pasted = 'a line of a log @x: y\n'.repeat(250_000);
  const body = `${pasted}@je`;
  expect(typedPrefixAt(body, body.length)).toEqual({
    kind: 'mention',
    from: pasted.length,
    prefix: 'je',
  });
  const start = performance.now();
  for (let key = 0; key < 100; key++) typedPrefixAt(body, body.length);
  expect(performance.now() - start).toBeLessThan(100);
});
