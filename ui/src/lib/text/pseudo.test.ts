import { expect, test } from 'vitest';
import { en } from './en';
import { pseudo } from './pseudo';
import { sentencesOf } from './sentences';

const LETTERS = /[a-z]/i;
const withoutParameters = (sentence: string) => sentence.replace(/<\w+>|wren|oak/g, '');
const english = sentencesOf(en);

test('en-XA has every key, with a longer and accented sentence and unchanged parameters', () => {
  const sentences = sentencesOf(pseudo(en, 'en-XA'));
  expect([...sentences.keys()]).toEqual([...english.keys()]);
  for (const [key, sentence] of sentences) {
    const before = english.get(key)!;
    if (before === '') continue;
    expect(withoutParameters(sentence), key).not.toMatch(LETTERS);
    expect(sentence.length, key).toBeGreaterThanOrEqual(before.length * 1.4);
    expect(sentence.match(/<\w+>|\d+/g), key).toEqual(before.match(/<\w+>|\d+/g));
  }
});

test('in ar-XB every word runs from right to left, and punctuation is mirrored', () => {
  const sentences = sentencesOf(pseudo(en, 'ar-XB'));
  expect([...sentences.keys()]).toEqual([...english.keys()]);
  for (const [key, sentence] of sentences) {
    const outside = withoutParameters(sentence).replaceAll(/\u202e[^\u202c]*\u202c/g, '');
    expect(outside, key).not.toMatch(LETTERS);
    expect(outside, key).not.toMatch(/[,;?]/);
  }
  expect(pseudo(en, 'ar-XB').leaveWarning({ title: 'workshop, old' })).toMatch(
    /workshop, old\u061f/,
  );
});
