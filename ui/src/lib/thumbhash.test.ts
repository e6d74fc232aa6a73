import { expect, test } from 'vitest';
import { previewOf } from './thumbhash';

test('a preview has the shape of the picture, and its colours', () => {
  const { width, height, pixels } = previewOf('1QcSHQRnh493V4dIh4eXh1h4kJUI')!;
  expect([width, height, pixels.length]).toEqual([23, 32, 23 * 32 * 4]);
  // A sunrise: dark at the bottom, light in the middle, and opaque everywhere.
  const brightness = (y: number) => pixels[(y * width + 11) * 4]!;
  expect(brightness(14)).toBeGreaterThan(brightness(30) + 60);
  expect(pixels.filter((_, at) => at % 4 === 3).every((opacity) => opacity === 255)).toBe(true);
});

test.each(['', 'x', '????', 'AAAA', 'AAAAAAAA', 'A'.repeat(400)])('“%s” is no preview', (hash) => {
  expect(previewOf(hash)).toBeNull();
});

test('a hash that was cut off is drawn as far as it goes', () => {
  expect(previewOf('1QcSHQRnh48=')).not.toBeNull();
});
