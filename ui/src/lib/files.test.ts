import { expect, test } from 'vitest';
import type { MessageFile } from '../ipc';
import {
  columnsFor,
  endingOf,
  lineOf,
  mayMove,
  saidIn,
  shortName,
  shownSize,
  sorted,
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

test('a picture has its size before anything of it is here: at most 420 × 320, never larger than it is', () => {
  expect(shownSize({ width: 4032, height: 2688 })).toEqual({ width: 420, height: 280 });
  expect(shownSize({ width: 400, height: 1600 })).toEqual({ width: 80, height: 320 });
  expect(shownSize({ width: 120, height: 90 })).toEqual({ width: 120, height: 90 });
  // One that would be a line is as wide as can be clicked.
  expect(shownSize({ width: 2, height: 16_000 })).toEqual({ width: 48, height: 320 });
});

test('pictures come first, and keep the number by which commands name them', () => {
  const files = [file('a.pdf'), picture('b.png'), file('c.zip'), picture('d.png')];
  const { pictures, others } = sorted(files);
  expect(pictures.map(({ index }) => index)).toEqual([1, 3]);
  expect(others.map(({ index }) => index)).toEqual([0, 2]);
});

test('a picture without a size is a file', () => {
  const broken = file('x.png', { type: 'picture', width: 0, height: 10 });
  expect(sorted([broken]).others).toHaveLength(1);
});

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 2],
  [10, 3],
])('%i pictures stand in %i columns', (n, columns) => {
  expect(columnsFor(n)).toBe(columns);
});

test('a long name loses its middle, and keeps its ending', () => {
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
])('the ending of %s is “%s”', (name, ending) => {
  expect(endingOf(name)).toBe(ending);
});

test('the type is what the sender’s program found, not what the name says', () => {
  expect(typeOf(file('holiday.jpg', { type: 'file' }, { mediaType: 'application/pdf' }))).toBe(
    'PDF',
  );
  expect(typeOf(file('data.raku'))).toBe('RAKU file');
  expect(typeOf(file('data'))).toBe('File');
});

test('files stand in place of a text that is not there', () => {
  expect(saidIn({ body: 'hello', files: [picture('a.png')] })).toBe('hello');
  expect(lineOf([])).toBe('');
  expect(lineOf([picture('a.png')])).toBe('Picture');
  expect(lineOf([picture('a.png'), picture('b.png'), picture('c.png')])).toBe('3 pictures');
  expect(lineOf([file('report.pdf')])).toBe('report.pdf');
  expect(lineOf([picture('a.png'), file('report.pdf')])).toBe('2 files');
});

test('only small pictures of types that can move do so in the timeline', () => {
  const gif = (bytes: number) =>
    file('a.gif', picture('a').kind, { bytes, mediaType: 'image/gif' });
  expect([mayMove(gif(1000)), mayMove(gif(50_000_000)), mayMove(picture('b'))]).toEqual([
    true,
    false,
    false,
  ]);
});
