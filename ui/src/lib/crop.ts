/** A square part of a picture: its centre and side, in pixels of the picture. */
export type Crop = { x: number; y: number; side: number };
export type Size = { width: number; height: number };

/** Maximum enlargement. */
const CLOSEST = 8;

const largest = ({ width, height }: Size) => Math.min(width, height);
const between = (low: number, value: number, high: number) => Math.min(Math.max(value, low), high);

/** Returns the largest square in the middle of a picture. */
export const whole = (size: Size): Crop => ({
  x: size.width / 2,
  y: size.height / 2,
  side: largest(size),
});

/** Returns the part moved and resized so that it is inside the picture. */
function within(crop: Crop, size: Size): Crop {
  const side = between(largest(size) / CLOSEST, crop.side, largest(size));
  return {
    x: between(side / 2, crop.x, size.width - side / 2),
    y: between(side / 2, crop.y, size.height - side / 2),
    side,
  };
}

/** Moves a part; the distances are multiples of its side. */
export const moved = (crop: Crop, right: number, down: number, size: Size): Crop =>
  within({ ...crop, x: crop.x + right * crop.side, y: crop.y + down * crop.side }, size);

/** Enlarges the picture around the part's centre. */
export const enlarged = (crop: Crop, times: number, size: Size): Crop =>
  within({ ...crop, side: crop.side / times }, size);

/** Returns the enlargement as a number from 0 (none) to 1 (the maximum). */
export const zoomOf = ({ side }: Crop, size: Size) =>
  Math.log(largest(size) / side) / Math.log(CLOSEST);

/** Sets the enlargement; `zoom` is from 0 to 1, as {@link zoomOf} returns it. */
export const withZoom = (crop: Crop, zoom: number, size: Size): Crop =>
  within({ ...crop, side: largest(size) / CLOSEST ** zoom }, size);
