import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  encodeSquare,
  MAX_FILE_BYTES,
  MAX_PIXELS,
  openPicture,
  PictureError,
  readSize,
} from './picture-file';
import { text } from './text';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const PNG = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\0\x05\x08\x06\0\0\0';
const JPEG = '\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x02\xff\xc2\0\x0b\x08\0\x05\x01\x02';

test('the size of a picture is read from its header', () => {
  const size = { width: 258, height: 5 };
  for (const header of [
    PNG,
    JPEG,
    'GIF89a\x02\x01\x05\0',
    'RIFF----WEBPVP8X----\0\0\0\0\x01\x01\0\x04\0\0',
    'RIFF----WEBPVP8 ----\0\0\0\x9d\x01\x2a\x02\x01\x05\0',
    'RIFF----WEBPVP8L----\x2f\x01\x01\x01\0',
  ])
    expect(readSize(bytes(header)), header).toEqual(size);
});

test('a file that is not a picture, or has an incomplete header, has no size', () => {
  for (const other of ['', 'hello', '<svg width="1" height="1"/>', '\xff\xd8\xff\xd9', 'BM'])
    expect(readSize(bytes(other)), other).toBeNull();
  for (const header of [PNG.slice(0, 22), JPEG.slice(0, 18), 'GIF89a\x02', 'RIFF----WEBPVP8X'])
    expect(readSize(bytes(header)), header).toBeNull();
  expect(readSize(bytes('GIF89a\0\0\x05\0'))).toBeNull();
});

/** A fake canvas, which records the encoded files. */
let alpha = 255;
let encoded: string[] = [];
let sizes: Record<string, number> = {};

beforeEach(() => {
  [alpha, encoded, sizes] = [255, [], {}];
  const context = {
    drawImage: () => undefined,
    fillRect: () => undefined,
    clearRect: () => undefined,
    getImageData: () => ({ data: [0, 0, 0, 255, 0, 0, 0, alpha] }),
  };
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never);
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation(function (
    this: HTMLCanvasElement,
    done,
    type = '',
    quality = 1,
  ) {
    const name = `${type} ${this.width} ${quality}`;
    encoded.push(name);
    const file = new Uint8Array(sizes[name] ?? 1000);
    done({ type, arrayBuffer: async () => file.buffer } as Blob);
  });
});
afterEach(() => vi.restoreAllMocks());

const square = () => encodeSquare(document.createElement('canvas'), { x: 5, y: 5, side: 5 });

test('the square is a JPEG of the highest quality that is small enough', async () => {
  sizes = { 'image/jpeg 256 0.9': 70_000, 'image/jpeg 256 0.8': 65_537 };
  expect((await square()).length).toBe(1000);
  expect(encoded.at(-1)).toBe('image/jpeg 256 0.65');
});

test('a partly transparent picture becomes a PNG if that is small enough', async () => {
  alpha = 254;
  await square();
  expect(encoded).toEqual(['image/png 256 1']);
  sizes = { 'image/png 256 1': 70_000 };
  await square();
  expect(encoded.at(-1)).toBe('image/png 128 1');
  sizes = { ...sizes, 'image/png 128 1': 70_000 };
  await square();
  expect(encoded.at(-1)).toBe('image/jpeg 256 0.9');
});

const file = (content: string, size = content.length) =>
  ({ size, arrayBuffer: async () => bytes(content).buffer }) as unknown as File;

test('a decompression bomb is never decoded, and each refused file has a reason', async () => {
  const decode = vi.fn(() => Promise.reject(new Error('InvalidStateError')));
  vi.stubGlobal('createImageBitmap', decode);
  const bomb = PNG.replace('\0\0\x01\x02\0\0\0\x05', '\0\0\xfa\0\0\0\xfa\0');
  for (const [chosen, problem] of [
    [file('hello'), 'unknown'],
    [file('<svg/>'), 'unknown'],
    [file(''), 'unknown'],
    [file(PNG, 2 ** 30), 'fileTooLarge'],
    [file(bomb), 'tooManyPixels'],
  ] as const)
    await expect(openPicture(chosen)).rejects.toEqual(new PictureError(problem));
  expect(decode).not.toHaveBeenCalled();
  await expect(openPicture(file(PNG))).rejects.toEqual(new PictureError('damaged'));
});

test('a large picture is reduced before it is cropped', async () => {
  const bitmap = { width: 8192, height: 4096, close: vi.fn() };
  vi.stubGlobal('createImageBitmap', () => Promise.resolve(bitmap));
  const canvas = await openPicture(file(PNG));
  expect([canvas.width, canvas.height]).toEqual([4096, 2048]);
  expect(bitmap.close).toHaveBeenCalled();
});

test('the sentences name the limits', () => {
  expect(text.pictureProblems.fileTooLarge).toContain(` ${MAX_FILE_BYTES / 1024 ** 2} MB`);
  expect(text.pictureProblems.tooManyPixels).toContain(` ${MAX_PIXELS / 1_000_000} million pixels`);
});
