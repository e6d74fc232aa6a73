import { expect, test } from 'vitest';
import { highlight } from './highlight';

test('code keeps every character and gets classes, whatever is in it', async () => {
  const code = 'const x = "<img src=x onerror=alert(1)>"; // hi\n';
  const pieces = (await highlight(code, 'JavaScript'))!;
  expect(pieces.map((piece) => piece.text).join('')).toBe(code);
  expect(pieces.find((piece) => piece.text === 'const')?.class).toContain('keyword');
  expect(pieces.find((piece) => piece.text.includes('onerror'))?.class).toContain('string');
});

test('what has no language, or one that nobody knows, stays plain', async () => {
  expect(await highlight('say 1', '')).toBeNull();
  expect(await highlight('say 1', 'klingon')).toBeNull();
  expect(await highlight('x'.repeat(30_000), 'js')).toBeNull();
});
