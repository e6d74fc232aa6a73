import { expect, test } from 'vitest';
import {
  mentionAt,
  mentionBefore,
  peopleNamed,
  peopleStarting,
  shortcodeAt,
  typedAt,
} from './complete';

/** Returns the usernames that match, of people without a display name. */
const namesStarting = (names: string[], prefix: string, most: number) => {
  const people = names.map((name) => ({ username: name, name }));
  return peopleStarting(people, prefix, most).map(({ username }) => username);
};

test('a name is completed where it begins a word, and nowhere else', () => {
  expect(mentionAt('hello @je', 9)).toEqual({ from: 6, prefix: 'je' });
  expect(mentionAt('@', 1)).toEqual({ from: 0, prefix: '' });
  expect(mentionAt('@jenny wr', 9)).toEqual({ from: 0, prefix: 'jenny wr' });
  expect(mentionAt('post@je', 7)).toBeNull();
  expect(mentionAt('@ je', 4)).toBeNull();
  expect(mentionAt('@je\nmore', 8)).toBeNull();
  expect(mentionAt('no', 2)).toBeNull();
});

test.each(['请问', 'こんにちは', '안녕', 'ขอบคุณ', 'สวัสดี', 'ຂອບໃຈ', '𠮷'])(
  'after %s, which is written without spaces, a name or an emoji begins',
  (before) => {
    const end = before.length;
    expect(mentionAt(`${before}@wr`, end + 3)).toEqual({ from: end, prefix: 'wr' });
    expect(typedAt(`${before}:ta`, end + 3)).toEqual({ kind: 'emoji', from: end, prefix: 'ta' });
    expect(shortcodeAt(`${before}:tada:`, end + 6)).toEqual({ from: end, code: 'tada' });
  },
);

test('in a word with spaces around it and in an address no name begins', () => {
  for (const text of ['é@je', 'शब्द@je', 'слово@je', '5@je', 'mastodon.social/@je', '(http://a/@je'])
    expect(mentionAt(text, text.length), text).toBeNull();
  for (const text of ['and/or:@je', '_@je', '**@je', '@wren/@je', '、@je'])
    expect(mentionAt(text, text.length)?.prefix, text).toBe('je');
});

test('what follows a name in a script without spaces is no part of it', () => {
  const people = [
    { username: 'wren', name: 'Jenny Okafor' },
    { username: 'sato', name: '佐藤' },
    { username: 'sasaki', name: '佐々木' },
    { username: 'hanako', name: '佐藤花子' },
  ];
  const named = (typed: string) => {
    const { people: found, rest } = peopleNamed(people, typed, 9);
    return [...found.map(({ username }) => username), rest];
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
  // A mark makes another letter of the last one.
  expect(named('佐藤\u3099')).toEqual(['']);
  expect(named('wrenx')).toEqual(['']);
  expect(named('さ')).toEqual(['']);
});

test('a name that replaces another stays apart from what follows', () => {
  expect(mentionBefore('wren', '')).toBe('@wren ');
  expect(mentionBefore('wren', 'さん')).toBe('@wrenさん');
  expect(mentionBefore('佐藤', 'abc')).toBe('@佐藤abc');
  expect(mentionBefore('sato', 'abc')).toBe('@sato abc');
});

test('names that begin so come first the shortest, in any letter case', () => {
  const names = ['Jennifer', 'jen', 'Oak', 'Jenny Wren'];
  expect(namesStarting(names, 'JE', 9)).toEqual(['jen', 'Jennifer', 'Jenny Wren']);
  expect(namesStarting(names, 'je', 1)).toEqual(['jen']);
  expect(namesStarting(names, 'x', 9)).toEqual([]);
});

test('a name is offered in any script and without its accents', () => {
  const names = ['Андрей', 'Łukasz', 'IRIS', 'Ἑλένη', 'zoë'];
  const offered = (typed: string) => namesStarting(names, typed, 9);
  expect(offered('анд')).toEqual(['Андрей']);
  expect(offered('łuk')).toEqual(['Łukasz']);
  expect(offered('luk')).toEqual(['Łukasz']);
  expect(offered('iri')).toEqual(['IRIS']);
  expect(offered('ελ')).toEqual(['Ἑλένη']);
  expect(offered('ZOE')).toEqual(['zoë']);
});

test('somebody is offered by each word of the name that is shown of them', () => {
  const people = [
    { username: 'wren', name: 'Żaneta Okafor' },
    { username: 'oak', name: 'oak' },
  ];
  const offered = (typed: string) => peopleStarting(people, typed, 9).map((one) => one.username);
  expect(offered('zan')).toEqual(['wren']);
  expect(offered('OKA')).toEqual(['wren']);
  expect(offered('zaneta ok')).toEqual(['wren']);
  expect(offered('w')).toEqual(['wren']);
  expect(offered('afor')).toEqual([]);
  expect(offered('o')).toEqual(['oak', 'wren']);
});

test('a name, an emoji or a command is being typed, and one of them only', () => {
  const kind = (body: string) => typedAt(body, body.length)?.kind ?? null;
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

test('behind megabytes of text a name is completed as ever', () => {
  const pasted = 'a line of a log @x: y\n'.repeat(250_000);
  const body = `${pasted}@je`;
  expect(typedAt(body, body.length)).toEqual({
    kind: 'mention',
    from: pasted.length,
    prefix: 'je',
  });
  const began = performance.now();
  for (let key = 0; key < 100; key++) typedAt(body, body.length);
  expect(performance.now() - began).toBeLessThan(100);
});
