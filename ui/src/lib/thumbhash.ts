/**
 * Decodes ThumbHashes: at most 32 bytes that describe a picture as a few waves of brightness and colour. The format
 * is that of https://github.com/evanw/thumbhash.
 */

/** A picture of at most 32 × 32 pixels, four bytes a pixel: red, green, blue, opacity. */
export type Preview = { width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer> };

/** Longest side of a preview, in pixels. */
const SIDE = 32;
/** Number of waves of the colours and of the opacity, in each direction. */
const COLOURS = 3;
const OPACITY = 5;

/** Returns the preview that a ThumbHash in base64 describes; null if it is none. The sender wrote it. */
export function previewOf(hash: string): Preview | null {
  const bytes = bytesOf(hash);
  if (!bytes) return null;
  const byte = (at: number) => bytes[at] ?? 0;
  const first = byte(0) | (byte(1) << 8) | (byte(2) << 16);
  const second = byte(3) | (byte(4) << 8);
  const hasOpacity = first >> 23 === 1;
  const isWide = second >> 15 === 1;
  const most = hasOpacity ? 5 : 7;
  const [wide, high] = isWide ? [most, second & 7] : [second & 7, most];
  if (wide === 0 || high === 0) return null;
  const waves = new Waves(bytes, hasOpacity ? 6 : 5);
  const light = waves.take(Math.max(3, wide), Math.max(3, high), ((first >> 18) & 31) / 31);
  const yellow = waves.take(COLOURS, COLOURS, (((second >> 3) & 63) / 63) * 1.25);
  const red = waves.take(COLOURS, COLOURS, (((second >> 9) & 63) / 63) * 1.25);
  const opacity = hasOpacity ? waves.take(OPACITY, OPACITY, (byte(5) >> 4) / 15) : [];
  const ratio = wide / high;
  const width = Math.round(ratio > 1 ? SIDE : SIDE * ratio);
  const height = Math.round(ratio > 1 ? SIDE / ratio : SIDE);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      const sum = (from: number, all: Wave[]) =>
        all.reduce(
          (sum, wave) => sum + wave.by * cosine(wave.x, x, width) * cosine(wave.y, y, height) * 2,
          from,
        );
      const l = sum((first & 63) / 63, light);
      const p = sum(((first >> 6) & 63) / 31.5 - 1, yellow);
      const q = sum(((first >> 12) & 63) / 31.5 - 1, red);
      const blue = l - (2 / 3) * p;
      const r = (3 * l - blue + q) / 2;
      const a = hasOpacity ? sum((byte(5) & 15) / 15, opacity) : 1;
      pixels.set([255 * r, 255 * (r - q), 255 * blue, 255 * a], at);
    }
  return { width, height, pixels };
}

/** One wave: its number of half periods in each direction, and its height. */
type Wave = { x: number; y: number; by: number };

const cosine = (n: number, at: number, of: number) => Math.cos((Math.PI / of) * (at + 0.5) * n);

/** Reads the heights of waves, four bits each. */
class Waves {
  #read = 0;

  constructor(
    private bytes: Uint8Array,
    private start: number,
  ) {}

  take(wide: number, high: number, scale: number): Wave[] {
    const waves: Wave[] = [];
    for (let y = 0; y < high; y++)
      for (let x = y ? 0 : 1; x * high < wide * (high - y); x++) {
        const byte = this.bytes[this.start + (this.#read >> 1)] ?? 0;
        const four = (byte >> ((this.#read++ & 1) << 2)) & 15;
        waves.push({ x, y, by: (four / 7.5 - 1) * scale });
      }
    return waves;
  }
}

function bytesOf(hash: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(hash), (one) => one.charCodeAt(0));
    return bytes.length >= 5 && bytes.length <= SIDE ? bytes : null;
  } catch {
    return null;
  }
}
