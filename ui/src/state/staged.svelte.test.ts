import { expect, test } from 'vitest';
import type { FileLimits, Ipc, StagedFile, Staging } from '../ipc';
import { text } from '../lib/text';
import { Staged } from './staged.svelte';

const LIMITS: FileLimits = {
  ...{ fileBytes: 100e6, mediaTypes: [], usedBytes: 0 },
  ...{ partBytes: 4e6, leastPartBytes: 1e6 },
};
const staged = (id: number, bytes = 1000, more: object = {}) =>
  ({
    ...{ id, asFile: false, canBePicture: true },
    file: { hash: `${id}`, bytes, name: `${id}.png`, mediaType: 'image/png', ...more },
  }) as StagedFile;

/** The files of a conversation, as the program keeps them. */
function known(kept: StagedFile[], limits: FileLimits | null = LIMITS, more: Partial<Ipc> = {}) {
  const orders: number[][] = [];
  const ipc = {
    staged: async () => kept,
    fileLimits: async () => limits,
    unstage: async (id: number) => ((kept = kept.filter((one) => one.id !== id)), null),
    orderStaged: async (ids: number[]) => (orders.push(ids), null),
    ...more,
  } as Partial<Ipc> as Ipc;
  const one = new Staged('c', ipc, (work) => work());
  return { staged: one, orders };
}

test('what the server does not take is told before it is sent', async () => {
  const limits = { ...LIMITS, mediaTypes: ['image/*'] };
  const large = staged(2, 214e6);
  const table = staged(3, 10, { mediaType: 'text/csv' });
  const { staged: all } = known([staged(1), large, table], limits);
  await all.load();
  expect(all.problemOf(staged(1))).toBeNull();
  expect(all.problemOf(large)).toBe(text.fileLimit({ size: '214 MB', most: '100 MB' }));
  expect(all.problemOf(table)).toBe(text.refusals.fileType);
  expect(all.hindrance).toBe(text.removeToSend({ name: '2.png' }));
  await all.remove(2);
  await all.remove(3);
  expect(all.hindrance).toBe('');
});

test('more than there is room for on the server is told, too', async () => {
  const { staged: all } = known([staged(1, 3e6), staged(2, 3e6)], {
    ...{ ...LIMITS, quotaBytes: 10e6, usedBytes: 5e6 },
  });
  await all.load();
  expect(all.hindrance).toBe(text.noRoomToSend({ left: '5 MB' }));
});

test('before the server ever said its limits, nothing is in the way', async () => {
  const { staged: all } = known([staged(1, 4e9)], null);
  await all.load();
  expect(all.hindrance).toBe('');
});

test('a file that could not be added is in the way until the user has seen and removed it', async () => {
  const problem = { code: 'invalid' as const, reason: { key: 'fileUnreadable' as const } };
  const failed: Staging = { staged: [], failed: [{ name: 'folder', problem }] };
  const { staged: all } = known([], LIMITS, { pickFiles: async () => failed });
  await all.pick();
  expect([all.isEmpty, all.hindrance]).toEqual([false, text.removeToSend({ name: 'folder' })]);
  all.removeFailed(all.failed[0]!);
  expect([all.isEmpty, all.hindrance]).toEqual([true, '']);
});

test('files are moved within their order, and stay in it', async () => {
  const { staged: all, orders } = known([1, 2, 3, 4].map((id) => staged(id)));
  await all.load();
  expect(all.move(3, 1)).toBe(1);
  expect(all.ids).toEqual([1, 3, 2, 4]);
  expect(all.move(1, -1)).toBe(0);
  expect(all.move(1, 9)).toBe(3);
  await all.keepOrder();
  expect(orders).toEqual([[3, 2, 4, 1]]);
});

test('a paste is read by the program, or else as the web view received it', async () => {
  const given: string[] = [];
  let inClipboard: Staging = { staged: [staged(1)], failed: [] };
  const { staged: all } = known([], LIMITS, {
    stageClipboard: async () => inClipboard,
    stageBytes: async (_: string, name: string, bytes: string) => {
      given.push(`${name} ${bytes}`);
      return { staged: [], failed: [] };
    },
  });
  const file = new File(['hi'], 'a.txt');
  await all.paste([file]);
  expect(given).toEqual([]);
  inClipboard = { staged: [], failed: [] };
  await all.paste([file]);
  expect(given).toEqual(['a.txt aGk=']);
});

test('while files are being added nothing is sent without them', async () => {
  let done = (_: Staging) => {};
  const picked = new Promise<Staging>((resolve) => (done = resolve));
  const { staged: all } = known([], LIMITS, { pickFiles: () => picked });
  const picking = all.pick();
  expect([all.isEmpty, all.hindrance]).toEqual([false, text.addingFiles]);
  done({ staged: [], failed: [] });
  await picking;
  expect(all.isEmpty).toBe(true);
});
