import { expect, test } from 'vitest';
import { isInCodeBlock, overLimit, roomLeft } from './compose';

test('Enter breaks the line inside a fence only', () => {
  const body = 'look:\n```raku\nsay 1\n```\ndone';
  expect(isInCodeBlock(body, 4)).toBe(false);
  expect(isInCodeBlock(body, 16)).toBe(true);
  expect(isInCodeBlock(body, body.length)).toBe(false);
});

test('the limit counts bytes, not letters', () => {
  expect(overLimit('ä'.repeat(32_768))).toBe(0);
  expect(overLimit('ä'.repeat(32_769))).toBe(2);
  expect(roomLeft('ä'.repeat(32_767))).toBe(2);
});
