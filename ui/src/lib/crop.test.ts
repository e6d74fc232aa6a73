import { expect, test } from 'vitest';
import { enlarged, moved, whole, withZoom, zoomOf } from './crop';

const WIDE = { width: 400, height: 200 };

test('a picture is first shown as the largest square in its middle', () => {
  expect(whole(WIDE)).toEqual({ x: 200, y: 100, side: 200 });
  expect(whole({ width: 3, height: 9 })).toEqual({ x: 1.5, y: 4.5, side: 3 });
});

test('what is moved or enlarged stays inside the picture', () => {
  const first = whole(WIDE);
  expect(moved(first, 0.25, 1, WIDE)).toEqual({ x: 250, y: 100, side: 200 });
  expect(moved(first, -9, 0, WIDE)).toEqual({ x: 100, y: 100, side: 200 });
  expect(enlarged(first, 0.5, WIDE)).toEqual(first);
  const near = enlarged(first, 2, WIDE);
  expect(near).toEqual({ x: 200, y: 100, side: 100 });
  expect(moved(near, 0, 9, WIDE)).toEqual({ x: 200, y: 150, side: 100 });
  expect(enlarged(moved(near, 9, 9, WIDE), 0.5, WIDE)).toEqual({ x: 300, y: 100, side: 200 });
  expect(enlarged(first, 1000, WIDE).side).toBe(25);
});

test('the zoom is the same whichever way it is set', () => {
  const first = whole(WIDE);
  expect(zoomOf(first, WIDE)).toBe(0);
  for (const zoom of [0, 0.5, 1])
    expect(zoomOf(withZoom(first, zoom, WIDE), WIDE)).toBeCloseTo(zoom);
  expect(withZoom(first, 7, WIDE).side).toBe(25);
});
