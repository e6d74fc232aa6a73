import { expect, test } from 'vitest';
import type { MessageFile } from '../ipc';
import {
  columnsFor,
  extensionOf,
  filesSummary,
  mayAnimate,
  summaryOf,
  shortName,
  shownSize,
  splitPictures,
} from './files';
import { typeOf } from './file-types';

const file = (
  name: string,
  kind: MessageFile['kind'] = { type: 'file' },
  more: Partial<MessageFile> = {},
) =>
  ({
    ...{ hash: name, bytes: 10, name, mediaType: 'application/octet-stream', kind },
    ...more,
  }) as MessageFile;
const picture = (name: string) => file(name, { type: 'picture', width: 800, height: 600 });

test('a picture is shown at most 420 × 320 pixels large, and never enlarged', () => {
  expect(shownSize({ width: 4032, height: 2688 })).toEqual({ width: 420, height: 280 });
  expect(shownSize({ width: 400, height: 1600 })).toEqual({ width: 80, height: 320 });
  expect(shownSize({ width: 120, height: 90 })).toEqual({ width: 120, height: 90 });
  // A very narrow picture is wide enough to be clicked.
  expect(shownSize({ width: 2, height: 16_000 })).toEqual({ width: 48, height: 320 });
});

test('pictures and other files keep their index in the message', () => {
  const files = [file('a.pdf'), picture('b.png'), file('c.zip'), picture('d.png')];
  const { pictures, others } = splitPictures(files);
  expect(pictures.map(({ index }) => index)).toEqual([1, 3]);
  expect(others.map(({ index }) => index)).toEqual([0, 2]);
});

test('a picture without a size is a file', () => {
  const broken = file('x.png', { type: 'picture', width: 0, height: 10 });
  expect(splitPictures([broken]).others).toHaveLength(1);
});

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 2],
  [10, 3],
])('%i pictures are shown in %i columns', (n, columns) => {
  expect(columnsFor(n)).toBe(columns);
});

test('a long name is shortened in the middle, and keeps its extension', () => {
  expect(shortName('report.pdf')).toBe('report.pdf');
  const short = shortName(`${'a'.repeat(100)}-final.pdf`);
  expect(short).toMatch(/^a{20}….*-final\.pdf$/);
  expect([...short].length).toBeLessThan(34);
});

test.each([
  ['report.pdf', 'PDF'],
  ['traces.tar.zst', 'ZST'],
  ['README', ''],
  ['.profile', ''],
  ['photo.lonending', ''],
  ['a.\u202efdp', ''],
])('the extension of %s is “%s”', (name, extension) => {
  expect(extensionOf(name)).toBe(extension);
});

test('the media type decides the type, not the name', () => {
  expect(typeOf(file('holiday.jpg', { type: 'file' }, { mediaType: 'application/pdf' }))).toBe(
    'PDF',
  );
  expect(typeOf(file('data.raku'))).toBe('RAKU file');
  expect(typeOf(file('data'))).toBe('File');
});

test('a message without text is summarized by its files', () => {
  expect(summaryOf({ body: 'hello', files: [picture('a.png')] })).toBe('hello');
  expect(filesSummary([])).toBe('');
  expect(filesSummary([picture('a.png')])).toBe('Picture');
  expect(filesSummary([picture('a.png'), picture('b.png'), picture('c.png')])).toBe('3 pictures');
  expect(filesSummary([file('report.pdf')])).toBe('report.pdf');
  expect(filesSummary([picture('a.png'), file('report.pdf')])).toBe('2 files');
});

test('only small animated pictures play in the timeline', () => {
  const gif = (bytes: number) =>
    file('a.gif', picture('a').kind, { bytes, mediaType: 'image/gif' });
  expect([mayAnimate(gif(1000)), mayAnimate(gif(50_000_000)), mayAnimate(picture('b'))]).toEqual([
    true,
    false,
    false,
  ]);
});
