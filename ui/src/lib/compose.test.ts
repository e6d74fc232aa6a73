import { expect, test } from 'vitest';
import { text } from './text';
import { draftDelay, draftKey, isInCodeBlock, isTall, roomLeft } from './compose';

test('Enter breaks the line inside a fence only', () => {
  const body = 'look:\n```raku\nsay 1\n```\ndone';
  expect(isInCodeBlock(body, 4)).toBe(false);
  expect(isInCodeBlock(body, 16)).toBe(true);
  expect(isInCodeBlock(body, body.length)).toBe(false);
});

test('the limit counts bytes, not letters', () => {
  expect(roomLeft('ä'.repeat(32_768))).toBe(0);
  expect(roomLeft('ä'.repeat(32_769))).toBe(-2);
  expect(roomLeft('ä'.repeat(32_767))).toBe(2);
});

test('what is far too long is said so in words, and costs a key nothing to speak of', () => {
  const pasted = 'é line of a log\n'.repeat(350_000);
  expect(roomLeft(pasted)).toBeLessThan(-5_000_000);
  expect(text.tooLong({ n: -roomLeft(pasted) })).toMatch(
    /^More than 5\.5 MB over the limit of 64 KiB/,
  );
  expect(text.tooLong({ n: 2 })).toMatch(/^2 bytes over the limit of 64 KiB/);
  expect(isTall(pasted)).toBe(true);
  expect(isTall('hello')).toBe(false);
  expect(draftDelay(pasted)).toBeGreaterThan(5000);
  expect(draftDelay('hello')).toBeLessThan(500);
  const began = performance.now();
  for (let key = 0; key < 100; key++) roomLeft(pasted);
  expect(performance.now() - began).toBeLessThan(100);
});

test('drafts are told apart by a key that holds nothing of them', () => {
  const long = { body: 'a'.repeat(1_000_000), replyTo: null };
  const keys = [
    long,
    { ...long, body: `${long.body.slice(1)}b` },
    { ...long, replyTo: 'm' },
    { body: '', replyTo: null },
    { body: 'a', replyTo: null },
  ].map(draftKey);
  expect(new Set(keys).size).toBe(5);
  expect(Math.max(...keys.map((key) => key.length))).toBeLessThan(30);
  expect(draftKey({ ...long })).toBe(draftKey(long));
});
