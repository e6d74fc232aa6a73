/** A square part of a picture: its centre and side, in pixels of the picture. */
export type Crop = { x: number; y: number; side: number };
export type Size = { width: number; height: number };

/** Maximum enlargement. */
const MAX_ZOOM = 8;

const maxSide = ({ width, height }: Size) => Math.min(width, height);
const clamp = (low: number, value: number, high: number) => Math.min(Math.max(value, low), high);

/** Returns the largest square in the middle of a picture. */
export const initialCrop = (size: Size): Crop => ({
  x: size.width / 2,
  y: size.height / 2,
  side: maxSide(size),
});

/** Returns the part moved and resized so that it is inside the picture. */
function clampCrop(crop: Crop, size: Size): Crop {
  const side = clamp(maxSide(size) / MAX_ZOOM, crop.side, maxSide(size));
  return {
    x: clamp(side / 2, crop.x, size.width - side / 2),
    y: clamp(side / 2, crop.y, size.height - side / 2),
    side,
  };
}

/** Moves a part; the distances are multiples of its side. */
export const moveCrop = (crop: Crop, right: number, down: number, size: Size): Crop =>
  clampCrop({ ...crop, x: crop.x + right * crop.side, y: crop.y + down * crop.side }, size);

/** Enlarges the picture around the part's centre. */
export const zoomBy = (crop: Crop, factor: number, size: Size): Crop =>
  clampCrop({ ...crop, side: crop.side / factor }, size);

/** Returns the enlargement as a number from 0 (none) to 1 (the maximum). */
export const zoomOf = ({ side }: Crop, size: Size) =>
  Math.log(maxSide(size) / side) / Math.log(MAX_ZOOM);

/** Sets the enlargement; `zoom` is from 0 to 1, as {@link zoomOf} returns it. */
export const withZoom = (crop: Crop, zoom: number, size: Size): Crop =>
  clampCrop({ ...crop, side: maxSide(size) / MAX_ZOOM ** zoom }, size);
