import { expect, test } from 'vitest';
import { splitByWord } from './highlight-word';

const highlighted = (text: string, word: string | null) =>
  splitByWord(text, word).map((part) => (part.isMarked ? `<${part.text}>` : part.text));

test('every occurrence of a word is marked, in any letter case', () => {
  expect(highlighted('Spesh or spesh', 'spesh')).toEqual(['<Spesh>', ' or ', '<spesh>']);
  expect(highlighted('an inline  cache', 'inline cache')).toEqual(['an ', '<inline  cache>']);
  expect(highlighted('c++ and (more', 'c++')).toEqual(['<c++>', ' and (more']);
  expect(highlighted('nothing', null)).toEqual(['nothing']);
  expect(highlighted('', 'x')).toEqual([]);
});
