import { expect, test } from 'vitest';
import { zoomBy, moveCrop, initialCrop, withZoom, zoomOf } from './crop';

const WIDE = { width: 400, height: 200 };

test('the initial crop is the largest square in the middle', () => {
  expect(initialCrop(WIDE)).toEqual({ x: 200, y: 100, side: 200 });
  expect(initialCrop({ width: 3, height: 9 })).toEqual({ x: 1.5, y: 4.5, side: 3 });
});

test('a crop stays inside the picture when moved or resized', () => {
  const first = initialCrop(WIDE);
  expect(moveCrop(first, 0.25, 1, WIDE)).toEqual({ x: 250, y: 100, side: 200 });
  expect(moveCrop(first, -9, 0, WIDE)).toEqual({ x: 100, y: 100, side: 200 });
  expect(zoomBy(first, 0.5, WIDE)).toEqual(first);
  const near = zoomBy(first, 2, WIDE);
  expect(near).toEqual({ x: 200, y: 100, side: 100 });
  expect(moveCrop(near, 0, 9, WIDE)).toEqual({ x: 200, y: 150, side: 100 });
  expect(zoomBy(moveCrop(near, 9, 9, WIDE), 0.5, WIDE)).toEqual({ x: 300, y: 100, side: 200 });
  expect(zoomBy(first, 1000, WIDE).side).toBe(25);
});

test('zoomOf returns the zoom that withZoom set', () => {
  const first = initialCrop(WIDE);
  expect(zoomOf(first, WIDE)).toBe(0);
  for (const zoom of [0, 0.5, 1])
    expect(zoomOf(withZoom(first, zoom, WIDE), WIDE)).toBeCloseTo(zoom);
  expect(withZoom(first, 7, WIDE).side).toBe(25);
});
