/**
 * Decodes ThumbHashes: at most 32 bytes that describe a picture as a few cosine waves of brightness and colour. The
 * format is that of https://github.com/evanw/thumbhash.
 */

/** A picture of at most 32 × 32 pixels, four bytes a pixel: red, green, blue, opacity. */
export type Preview = { width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer> };

/** Longest side of a preview, in pixels. */
const SIDE = 32;
/** Number of waves of the colours and of the opacity, in each direction. */
const COLOURS = 3;
const OPACITY = 5;

/** Decodes a ThumbHash in base64. Returns null if it is not valid. The hash is untrusted. */
export function decodePreview(hash: string): Preview | null {
  const bytes = decodeBase64(hash);
  if (!bytes) return null;
  const byte = (index: number) => bytes[index] ?? 0;
  const first = byte(0) | (byte(1) << 8) | (byte(2) << 16);
  const second = byte(3) | (byte(4) << 8);
  const hasOpacity = first >> 23 === 1;
  const isWide = second >> 15 === 1;
  const maxWaves = hasOpacity ? 5 : 7;
  const [columns, rows] = isWide ? [maxWaves, second & 7] : [second & 7, maxWaves];
  if (columns === 0 || rows === 0) return null;
  const reader = new WaveReader(bytes, hasOpacity ? 6 : 5);
  const light = reader.read(Math.max(3, columns), Math.max(3, rows), ((first >> 18) & 31) / 31);
  const yellow = reader.read(COLOURS, COLOURS, (((second >> 3) & 63) / 63) * 1.25);
  const red = reader.read(COLOURS, COLOURS, (((second >> 9) & 63) / 63) * 1.25);
  const opacity = hasOpacity ? reader.read(OPACITY, OPACITY, (byte(5) >> 4) / 15) : [];
  const ratio = columns / rows;
  const width = Math.round(ratio > 1 ? SIDE : SIDE * ratio);
  const height = Math.round(ratio > 1 ? SIDE / ratio : SIDE);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, offset = 0; y < height; y++)
    for (let x = 0; x < width; x++, offset += 4) {
      const sum = (from: number, all: Wave[]) =>
        all.reduce(
          (sum, wave) =>
            sum + wave.amplitude * cosine(wave.x, x, width) * cosine(wave.y, y, height) * 2,
          from,
        );
      const l = sum((first & 63) / 63, light);
      const p = sum(((first >> 6) & 63) / 31.5 - 1, yellow);
      const q = sum(((first >> 12) & 63) / 31.5 - 1, red);
      const blue = l - (2 / 3) * p;
      const r = (3 * l - blue + q) / 2;
      const a = hasOpacity ? sum((byte(5) & 15) / 15, opacity) : 1;
      pixels.set([255 * r, 255 * (r - q), 255 * blue, 255 * a], offset);
    }
  return { width, height, pixels };
}

/** A wave: its number of half periods in each direction, and its amplitude. */
type Wave = { x: number; y: number; amplitude: number };

const cosine = (n: number, position: number, length: number) =>
  Math.cos((Math.PI / length) * (position + 0.5) * n);

/** Reads the amplitudes of waves, four bits each. */
class WaveReader {
  #count = 0;

  constructor(
    private bytes: Uint8Array,
    private start: number,
  ) {}

  read(columns: number, rows: number, scale: number): Wave[] {
    const waves: Wave[] = [];
    for (let y = 0; y < rows; y++)
      for (let x = y ? 0 : 1; x * rows < columns * (rows - y); x++) {
        const byte = this.bytes[this.start + (this.#count >> 1)] ?? 0;
        const nibble = (byte >> ((this.#count++ & 1) << 2)) & 15;
        waves.push({ x, y, amplitude: (nibble / 7.5 - 1) * scale });
      }
    return waves;
  }
}

function decodeBase64(hash: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(hash), (character) => character.charCodeAt(0));
    return bytes.length >= 5 && bytes.length <= SIDE ? bytes : null;
  } catch {
    return null;
  }
}
