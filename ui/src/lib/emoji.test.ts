import { expect, test } from 'vitest';
import { findEmoji, inTone, loadEmoji } from './emoji';

test('an emoji is found by its shortcode, its name and what it is about', async () => {
  const emoji = await loadEmoji();
  expect(emoji.length).toBeGreaterThan(1800);
  const first = (word: string) => findEmoji(emoji, word, 1)[0]?.unicode;
  expect(first('tada')).toBe('🎉');
  expect(first(':+1:')).toBe('👍');
  expect(first('thumbs up')).toBe('👍');
  expect(findEmoji(emoji, 'coffee', 5).map((one) => one.unicode)).toContain('☕');
  expect(findEmoji(emoji, 'qqq', 5)).toEqual([]);
});

test('a hand has five skin tones and a rocket none', async () => {
  const emoji = await loadEmoji();
  const named = (code: string) => emoji.find((one) => one.shortcodes.includes(code))!;
  expect(inTone(named('wave'), 5)).toBe('👋🏿');
  expect(inTone(named('wave'), 0)).toBe('👋');
  expect(inTone(named('rocket'), 3)).toBe('🚀');
});
