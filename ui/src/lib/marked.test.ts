import { expect, test } from 'vitest';
import { marked } from './marked';

const marks = (text: string, word: string | null) =>
  marked(text, word).map((part) => (part.isMarked ? `<${part.text}>` : part.text));

test('a word is marked wherever it stands, in any letter case', () => {
  expect(marks('Spesh or spesh', 'spesh')).toEqual(['<Spesh>', ' or ', '<spesh>']);
  expect(marks('an inline  cache', 'inline cache')).toEqual(['an ', '<inline  cache>']);
  expect(marks('c++ and (more', 'c++')).toEqual(['<c++>', ' and (more']);
  expect(marks('nothing', null)).toEqual(['nothing']);
  expect(marks('', 'x')).toEqual([]);
});
