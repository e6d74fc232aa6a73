import { expect, test } from 'vitest';
import { decodePreview } from './thumbhash';

test('a preview has the aspect ratio and the colours of the picture', () => {
  const { width, height, pixels } = decodePreview('1QcSHQRnh493V4dIh4eXh1h4kJUI')!;
  expect([width, height, pixels.length]).toEqual([23, 32, 23 * 32 * 4]);
  // A sunrise: dark at the bottom, light in the middle, and opaque everywhere.
  const brightness = (y: number) => pixels[(y * width + 11) * 4]!;
  expect(brightness(14)).toBeGreaterThan(brightness(30) + 60);
  expect(pixels.filter((_, index) => index % 4 === 3).every((opacity) => opacity === 255)).toBe(
    true,
  );
});

test.each(['', 'x', '????', 'AAAA', 'AAAAAAAA', 'A'.repeat(400)])(
  '“%s” is not a valid hash',
  (hash) => {
    expect(decodePreview(hash)).toBeNull();
  },
);

test('a truncated hash gives a partial preview', () => {
  expect(decodePreview('1QcSHQRnh48=')).not.toBeNull();
});
