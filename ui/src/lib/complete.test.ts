import { expect, test } from 'vitest';
import { mentionAt, namesStarting } from './complete';

test('a name is completed where it begins a word, and nowhere else', () => {
  expect(mentionAt('hello @je', 9)).toEqual({ from: 6, prefix: 'je' });
  expect(mentionAt('@', 1)).toEqual({ from: 0, prefix: '' });
  expect(mentionAt('@jenny wr', 9)).toEqual({ from: 0, prefix: 'jenny wr' });
  expect(mentionAt('post@je', 7)).toBeNull();
  expect(mentionAt('@ je', 4)).toBeNull();
  expect(mentionAt('@je\nmore', 8)).toBeNull();
  expect(mentionAt('no', 2)).toBeNull();
});

test('names that begin so come first the shortest, in any letter case', () => {
  const names = ['Jennifer', 'jen', 'Oak', 'Jenny Wren'];
  expect(namesStarting(names, 'JE', 9)).toEqual(['jen', 'Jennifer', 'Jenny Wren']);
  expect(namesStarting(names, 'je', 1)).toEqual(['jen']);
  expect(namesStarting(names, 'x', 9)).toEqual([]);
});
