import { expect, test } from 'vitest';
import type { ListedFile } from '../ipc';
import { groupByMonth } from './months';

const listed = (messageId: string, sentAt: number) =>
  ({ messageId, sentAt, file: { kind: { type: 'file' } } }) as unknown as ListedFile;

test('files are grouped by month, and those with times that no date can be are one group', () => {
  const june = new Date(2026, 5, 1).getTime();
  const files = [
    listed('a', 2 ** 63),
    listed('b', june + 86_400_000),
    listed('c', june),
    listed('d', -(2 ** 63)),
  ];
  const months = groupByMonth(files);
  expect(months.map(({ month }) => month)).toEqual([NaN, june]);
  expect(months.map(({ others }) => others.map((file) => file.messageId))).toEqual([
    ['a', 'd'],
    ['b', 'c'],
  ]);
});
