import { expect, test } from 'vitest';
import { text } from './text';
import { draftDelay, draftKey, isInCodeBlock, fillsComposer, bytesLeft } from './compose';

test('Enter inserts a line break only inside a code block', () => {
  const body = 'look:\n```raku\nsay 1\n```\ndone';
  expect(isInCodeBlock(body, 4)).toBe(false);
  expect(isInCodeBlock(body, 16)).toBe(true);
  expect(isInCodeBlock(body, body.length)).toBe(false);
});

test('the limit counts bytes, not characters', () => {
  expect(bytesLeft('ä'.repeat(32_768))).toBe(0);
  expect(bytesLeft('ä'.repeat(32_769))).toBe(-2);
  expect(bytesLeft('ä'.repeat(32_767))).toBe(2);
});

test('the size of a text far above the limit is rounded, and computed quickly', () => {
  const pasted = 'é line of a log\n'.repeat(350_000);
  expect(bytesLeft(pasted)).toBeLessThan(-5_000_000);
  expect(text.tooLong({ n: -bytesLeft(pasted) })).toMatch(
    /^More than 5\.5 MB over the limit of 64 KiB/,
  );
  expect(text.tooLong({ n: 2 })).toMatch(/^2 bytes over the limit of 64 KiB/);
  expect(fillsComposer(pasted)).toBe(true);
  expect(fillsComposer('hello')).toBe(false);
  expect(draftDelay(pasted)).toBeGreaterThan(5000);
  expect(draftDelay('hello')).toBeLessThan(500);
  const start = performance.now();
  for (let key = 0; key < 100; key++) bytesLeft(pasted);
  expect(performance.now() - start).toBeLessThan(100);
});

test('the key of a draft differs for different drafts and does not contain their text', () => {
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
