import type * as gen from '../bindings.gen';
import type { World } from './world';

type File = gen.MessageFile_Serialize;
const svg = (width: number, height: number, content: string) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${content}</svg>`,
  )}`;

/** Sample pictures: their size in pixels, and their contents as SVG. */
const PICTURES: Record<string, [width: number, height: number, content: string]> = {
  'hills.jpg': [
    1600,
    1067,
    '<path fill="#9ecbe4" d="M0 0h1600v1067H0z"/><path fill="#a9cf8d" d="M0 620q400-260 800-60t800-60v567H0z"/><path fill="#6a9a5b" d="M0 800q500-220 900-40t700-90v397H0z"/><circle fill="#fff3c4" cx="1280" cy="210" r="90"/>',
  ],
  'lake-at-six.jpg': [
    4032,
    2688,
    '<path fill="#f4c9a2" d="M0 0h4032v2688H0z"/><path fill="#7f97c4" d="M0 0h4032v700H0z"/><path fill="#858ba8" d="M0 1500l700-600 500 400 700-560 800 600 1332-480v640z"/><path fill="#5f6486" d="M0 1500h4032v300H0z"/><path fill="#414f74" d="M0 1700h4032v988H0z"/><path fill="#3b2d2b" d="M700 2688l1100-560 90 70-900 490z"/>',
  ],
  'whiteboard.jpg': [
    1600,
    1200,
    '<path fill="#c9bfb0" d="M0 0h1600v1200H0z"/><path fill="#fdfdfb" d="M160 120h1280v880H160z"/><path stroke="#2b4a8c" stroke-width="12" fill="none" d="M300 300h300v160H300zM760 260h260v160H760zM600 380h160M300 640c200-80 300 120 520 0s300 20 420-20"/>',
  ],
  'desk.jpg': [
    1600,
    1067,
    '<path fill="#b98b5c" d="M0 0h1600v1067H0z"/><path fill="#dfe2e8" d="M260 220h620v420H260z"/><path fill="#2f3238" d="M300 260h540v260H300z"/><circle fill="#fff" cx="1080" cy="300" r="120"/><circle fill="#5b3a24" cx="1080" cy="300" r="80"/>',
  ],
  'flame-after.png': [
    1302,
    696,
    '<path fill="#fff" d="M0 0h1302v696H0z"/><path fill="#e8792b" d="M20 640h1262v40H20zM20 590h760v40H20zM20 540h560v40H20zM20 490h420v40H20zM20 440h300v40H20zM20 390h220v40H20zM830 590h300v40H830z"/>',
  ],
  'tall.png': [
    400,
    1600,
    '<path fill="#dcefeb" d="M0 0h400v1600H0z"/><path fill="#0b6b62" d="M60 60h280v1480H60z"/>',
  ],
};

/** A ThumbHash for the preview of a picture that is not downloaded yet. */
const HASH = '1QcSHQRnh493V4dIh4eXh1h4kJUI';

let hashCount = 0;
const newHash = () => String(++hashCount).padStart(64, '0');

/** Creates a picture. With `isHere` false, only its preview is on this computer. */
export function samplePicture(world: World, name: string, bytes: number, isHere = true): File {
  const [width, height, content] = PICTURES[name] ?? PICTURES['desk.jpg']!;
  const hash = newHash();
  world.attachments.set(hash, svg(width, height, content));
  if (!isHere) world.fileStates.set(hash, { hash, isHere, transfer: null });
  const mediaType = name.endsWith('png') ? 'image/png' : 'image/jpeg';
  return {
    hash,
    bytes,
    name,
    mediaType,
    kind: { type: 'picture', width, height, thumbhash: HASH },
  };
}

/** Creates a file that is not shown as a picture. */
export function sampleFile(
  world: World,
  name: string,
  mediaType: string,
  bytes: number,
  transfer: gen.Transfer_Serialize | boolean = true,
): File {
  const hash = newHash();
  const isHere = transfer === true;
  world.fileStates.set(hash, {
    ...{ hash, isHere },
    transfer: typeof transfer === 'boolean' ? null : transfer,
  });
  return { hash, bytes, name, mediaType, kind: { type: 'file' } };
}

/** Returns the files that the fake file dialog chooses: two pictures, a table, and a file that is too large. */
export const filesToPick = (world: World): File[] => [
  samplePicture(world, 'flame-after.png', 1_210_000),
  samplePicture(world, 'lake-at-six.jpg', 2_300_000),
  sampleFile(world, 'guards-per-commit-of-this-year.csv', 'text/csv', 412_000),
  sampleFile(world, 'traces.tar.zst', 'application/zstd', 214_000_000),
];

/** Creates a file from bytes in base64. */
export function fileFromBytes(world: World, name: string, bytes: string): File {
  const hash = newHash();
  const mediaType = name.endsWith('.png') ? 'image/png' : 'application/octet-stream';
  world.attachments.set(hash, `data:${mediaType};base64,${bytes}`);
  const kind = name.endsWith('.png')
    ? { type: 'picture' as const, width: 800, height: 600 }
    : { type: 'file' as const };
  return { hash, bytes: Math.ceil((bytes.length * 3) / 4), name, mediaType, kind };
}
