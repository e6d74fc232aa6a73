/**
 * Opens a file that the user chose as their picture, and creates the small square that others see. This is done in the
 * page, without an upload, so only the square leaves it, without the file's name or metadata such as location and
 * camera.
 */
import { limits } from '../ipc';
import type { Crop, Size } from './crop';

/** The accepted types of files. */
export const ACCEPTED_TYPES = 'image/png,image/jpeg,image/webp,image/gif';
/** Maximum size of a file, in bytes. */
export const MAX_FILE_BYTES = 32 * 1024 ** 2;
/** Maximum number of pixels that are decoded; each takes four bytes of memory. */
export const MAX_PIXELS = 64_000_000;
/** Maximum side, in pixels, of the reduced picture from which the user chooses a part. */
const MAX_REDUCED_SIDE = 2048;
/** Side of the square that others see, in pixels. */
const SIDE = 256;
/** The qualities that are tried in this order until the picture is small enough. */
const QUALITIES = [0.9, 0.8, 0.65, 0.5, 0.35, 0.2];

/** The reasons why a file is refused. */
export type PictureProblem = 'fileTooLarge' | 'tooManyPixels' | 'unknown' | 'damaged';

/** The error of a refused file. `text.pictureProblems` contains the sentences. */
export class PictureError extends Error {
  constructor(readonly problem: PictureProblem) {
    super(problem);
  }
}

/** Decodes the picture in a file, or the first frame of an animation. Checks its size first. */
export async function openPicture(file: File): Promise<HTMLCanvasElement> {
  if (file.size > MAX_FILE_BYTES) throw new PictureError('fileTooLarge');
  const bytes = await file.arrayBuffer().catch(() => {
    throw new PictureError('damaged');
  });
  const size = readSize(new Uint8Array(bytes));
  if (!size) throw new PictureError('unknown');
  if (size.width * size.height > MAX_PIXELS) throw new PictureError('tooManyPixels');
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => {
    throw new PictureError('damaged');
  });
  const scale = Math.min(1, MAX_REDUCED_SIDE / Math.min(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  // The decoded picture may be rotated, so that width and height are exchanged.
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** Draws a part of a picture so that it fills a canvas. */
export function drawCrop(canvas: HTMLCanvasElement, picture: HTMLCanvasElement, part: Crop) {
  const context = canvas.getContext('2d')!;
  const { side } = part;
  const [left, top] = [part.x - side / 2, part.y - side / 2];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

/**
 * Encodes the picture that others see: as a PNG if it is partly transparent and small enough, otherwise as a JPEG with
 * a white background.
 */
export async function encodeSquare(picture: HTMLCanvasElement, part: Crop): Promise<Uint8Array> {
  if (isTransparent(cropSquare(picture, part, SIDE)))
    for (const side of [SIDE, SIDE / 2]) {
      const png = await encode(cropSquare(picture, part, side), 'image/png');
      if (png.length <= limits.pictureBytes) return png;
    }
  const opaque = withWhiteBackground(cropSquare(picture, part, SIDE));
  for (const quality of QUALITIES) {
    const jpeg = await encode(opaque, 'image/jpeg', quality);
    if (jpeg.length <= limits.pictureBytes) return jpeg;
  }
  throw new PictureError('damaged');
}

function cropSquare(picture: HTMLCanvasElement, part: Crop, side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  drawCrop(canvas, picture, part);
  return canvas;
}

/** Draws a white background. */
function withWhiteBackground(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const context = canvas.getContext('2d')!;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

function isTransparent(canvas: HTMLCanvasElement): boolean {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  for (let offset = 3; offset < data.length; offset += 4) if (data[offset]! < 255) return true;
  return false;
}

async function encode(canvas: HTMLCanvasElement, kind: string, quality?: number) {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, kind, quality));
  // A browser that does not support the type returns a PNG.
  if (blob?.type !== kind) throw new PictureError('damaged');
  return new Uint8Array(await blob.arrayBuffer());
}

/** Returns the size in the header of a PNG, JPEG, WebP or GIF file; null for other files. */
export function readSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasText = (offset: number, word: string) =>
    [...word].every((letter, index) => bytes[offset + index] === letter.charCodeAt(0));
  try {
    if (hasText(1, 'PNG\r\n\x1a\n') && hasText(12, 'IHDR'))
      return validSize(view.getUint32(16), view.getUint32(20));
    if (hasText(0, 'GIF8')) return validSize(view.getUint16(6, true), view.getUint16(8, true));
    if (hasText(0, 'RIFF') && hasText(8, 'WEBPVP8')) return readWebpSize(view);
    if (hasText(0, '\xff\xd8\xff')) return readJpegSize(view);
  } catch (error) {
    // The header is incomplete.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

const validSize = (width: number, height: number): Size | null =>
  width > 0 && height > 0 ? { width, height } : null;

function readWebpSize(view: DataView): Size | null {
  const kind = String.fromCharCode(view.getUint8(15));
  const uint24 = (offset: number) =>
    view.getUint16(offset, true) + (view.getUint8(offset + 2) << 16);
  const mask = 0x3fff;
  if (kind === 'X') return validSize(uint24(24) + 1, uint24(27) + 1);
  if (kind === ' ')
    return validSize(view.getUint16(26, true) & mask, view.getUint16(28, true) & mask);
  if (kind !== 'L') return null;
  const packed = view.getUint32(21, true);
  return validSize((packed & mask) + 1, ((packed >>> 14) & mask) + 1);
}

/** Reads segments until one that begins a frame, which contains the size. */
function readJpegSize(view: DataView): Size | null {
  const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];
  for (let offset = 2; view.getUint8(offset) === 0xff;) {
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker))
      return validSize(view.getUint16(offset + 7), view.getUint16(offset + 5));
    offset += 2 + Math.max(2, view.getUint16(offset + 2));
  }
  return null;
}
