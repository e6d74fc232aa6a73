/** A square part of a picture, in its pixels: the centre and the side. */
export type Crop = { x: number; y: number; side: number };
export type Size = { width: number; height: number };

/** How many times a picture can be enlarged, at most. */
const CLOSEST = 8;

const largest = ({ width, height }: Size) => Math.min(width, height);
const between = (low: number, value: number, high: number) => Math.min(Math.max(value, low), high);

/** Returns the largest square in the middle of a picture. */
export const whole = (size: Size): Crop => ({
  x: size.width / 2,
  y: size.height / 2,
  side: largest(size),
});

/** Returns the same part, moved and made smaller or larger until it is inside the picture. */
function within(crop: Crop, size: Size): Crop {
  const side = between(largest(size) / CLOSEST, crop.side, largest(size));
  return {
    x: between(side / 2, crop.x, size.width - side / 2),
    y: between(side / 2, crop.y, size.height - side / 2),
    side,
  };
}

/** Moves a part by so many of its sides. */
export const moved = (crop: Crop, right: number, down: number, size: Size): Crop =>
  within({ ...crop, x: crop.x + right * crop.side, y: crop.y + down * crop.side }, size);

/** Enlarges what is shown of a picture around the centre. */
export const enlarged = (crop: Crop, times: number, size: Size): Crop =>
  within({ ...crop, side: crop.side / times }, size);

/** Returns how far a picture is enlarged, from 0 (not at all) to 1 (as far as it can be). */
export const zoomOf = ({ side }: Crop, size: Size) =>
  Math.log(largest(size) / side) / Math.log(CLOSEST);

/** Enlarges a picture as far as `zoom` says: see {@link zoomOf}. */
export const withZoom = (crop: Crop, zoom: number, size: Size): Crop =>
  within({ ...crop, side: largest(size) / CLOSEST ** zoom }, size);
