import { expect, test } from 'vitest';
import type { FileLimits, Ipc, StagedFile, Staging } from '../ipc';
import { text } from '../lib/text';
import { StagedFiles } from './staged-files.svelte';

const LIMITS: FileLimits = {
  ...{ fileBytes: 100e6, mediaTypes: [], usedBytes: 0 },
  ...{ partBytes: 4e6, minPartBytes: 1e6 },
};
const staged = (id: number, bytes = 1000, more: object = {}) =>
  ({
    ...{ id, asFile: false, canBePicture: true },
    file: { hash: `${id}`, bytes, name: `${id}.png`, mediaType: 'image/png', ...more },
  }) as StagedFile;

/** Creates the staged files of a conversation, with a fake backend. */
function createStaged(
  files: StagedFile[],
  limits: FileLimits | null = LIMITS,
  more: Partial<Ipc> = {},
) {
  const orders: number[][] = [];
  const ipc = {
    staged: async () => files,
    fileLimits: async () => limits,
    unstage: async (id: number) => ((files = files.filter((file) => file.id !== id)), null),
    orderStaged: async (ids: number[]) => (orders.push(ids), null),
    ...more,
  } as Partial<Ipc> as Ipc;
  const staged = new StagedFiles('c', ipc, (work) => work());
  return { staged, orders };
}

test('files that the server does not accept are reported before sending', async () => {
  const limits = { ...LIMITS, mediaTypes: ['image/*'] };
  const large = staged(2, 214e6);
  const table = staged(3, 10, { mediaType: 'text/csv' });
  const { staged: all } = createStaged([staged(1), large, table], limits);
  await all.load();
  expect(all.problemOf(staged(1))).toBeNull();
  expect(all.problemOf(large)).toBe(text.fileLimit({ size: '214 MB', limit: '100 MB' }));
  expect(all.problemOf(table)).toBe(text.refusals.fileType);
  expect(all.sendBlocker).toBe(text.removeToSend({ name: '2.png' }));
  await all.remove(2);
  await all.remove(3);
  expect(all.sendBlocker).toBe('');
});

test('files that exceed the quota are reported before sending', async () => {
  const { staged: all } = createStaged([staged(1, 3e6), staged(2, 3e6)], {
    ...{ ...LIMITS, quotaBytes: 10e6, usedBytes: 5e6 },
  });
  await all.load();
  expect(all.sendBlocker).toBe(text.quotaLeft({ left: '5 MB' }));
});

test('without known limits, nothing blocks sending', async () => {
  const { staged: all } = createStaged([staged(1, 4e9)], null);
  await all.load();
  expect(all.sendBlocker).toBe('');
});

test('a file that could not be added blocks sending until the user removes it', async () => {
  const problem = { code: 'invalid' as const, reason: { key: 'fileUnreadable' as const } };
  const failed: Staging = { staged: [], failed: [{ name: 'folder', problem }] };
  const { staged: all } = createStaged([], LIMITS, { pickFiles: async () => failed });
  await all.pick();
  expect([all.isEmpty, all.sendBlocker]).toEqual([false, text.removeToSend({ name: 'folder' })]);
  all.removeFailed(all.failed[0]!);
  expect([all.isEmpty, all.sendBlocker]).toEqual([true, '']);
});

test('files can be reordered, and the order is stored', async () => {
  const { staged: all, orders } = createStaged([1, 2, 3, 4].map((id) => staged(id)));
  await all.load();
  expect(all.move(3, 1)).toBe(1);
  expect(all.ids).toEqual([1, 3, 2, 4]);
  expect(all.move(1, -1)).toBe(0);
  expect(all.move(1, 9)).toBe(3);
  await all.storeOrder();
  expect(orders).toEqual([[3, 2, 4, 1]]);
});

test('a paste is read by the backend, or else from the web view', async () => {
  const sentBytes: string[] = [];
  let inClipboard: Staging = { staged: [staged(1)], failed: [] };
  const { staged: all } = createStaged([], LIMITS, {
    stageClipboard: async () => inClipboard,
    stageBytes: async (_: string, name: string, bytes: string) => {
      sentBytes.push(`${name} ${bytes}`);
      return { staged: [], failed: [] };
    },
  });
  const file = new File(['hi'], 'a.txt');
  await all.paste([file]);
  expect(sentBytes).toEqual([]);
  inClipboard = { staged: [], failed: [] };
  await all.paste([file]);
  expect(sentBytes).toEqual(['a.txt aGk=']);
});

test('nothing is sent while files are being added', async () => {
  let finish = (_: Staging) => {};
  const picked = new Promise<Staging>((resolve) => (finish = resolve));
  const { staged: all } = createStaged([], LIMITS, { pickFiles: () => picked });
  const picking = all.pick();
  expect([all.isEmpty, all.sendBlocker]).toEqual([false, text.addingFiles]);
  finish({ staged: [], failed: [] });
  await picking;
  expect(all.isEmpty).toBe(true);
});
