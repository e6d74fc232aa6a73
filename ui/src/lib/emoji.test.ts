import { expect, test } from 'vitest';
import { findEmoji, withSkinTone, loadEmoji } from './emoji';

test('an emoji is found by its shortcode, its name and its tags', async () => {
  const emoji = await loadEmoji();
  expect(emoji.length).toBeGreaterThan(1800);
  const first = (word: string) => findEmoji(emoji, word, 1)[0]?.unicode;
  expect(first('tada')).toBe('🎉');
  expect(first(':+1:')).toBe('👍');
  expect(first('thumbs up')).toBe('👍');
  expect(findEmoji(emoji, 'coffee', 5).map((item) => item.unicode)).toContain('☕');
  expect(findEmoji(emoji, 'qqq', 5)).toEqual([]);
});

test('only some emoji have skin tones', async () => {
  const emoji = await loadEmoji();
  const named = (code: string) => emoji.find((item) => item.shortcodes.includes(code))!;
  expect(withSkinTone(named('wave'), 5)).toBe('👋🏿');
  expect(withSkinTone(named('wave'), 0)).toBe('👋');
  expect(withSkinTone(named('rocket'), 3)).toBe('🚀');
});
