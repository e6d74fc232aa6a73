import { expect, test, vi } from 'vitest';
import { UNDO_MS } from './deletions.svelte';
import { MarkedRead } from './marked-read.svelte';

function reads() {
  const ipc = { markRead: vi.fn(async () => null), act: vi.fn(async () => null) };
  return { ipc, reads: new MarkedRead(ipc, (work) => work()) };
}

test('marking as read has an immediate effect, and can be undone', async () => {
  const { ipc, reads: marked } = reads();
  await marked.mark([
    { id: 'a', from: 3, upTo: 5, count: 3 },
    { id: 'b', from: 1, upTo: 1, count: 1 },
  ]);
  expect(ipc.markRead.mock.calls).toEqual([
    ['a', 5],
    ['b', 1],
  ]);
  expect(marked.count).toBe(4);
  await marked.undo();
  expect(ipc.act.mock.calls).toEqual([
    ['a', { type: 'markUnread', on: false, from: 3 }],
    ['b', { type: 'markUnread', on: false, from: 1 }],
  ]);
  expect(marked.count).toBe(0);
});

test('undo expires after a while, unless the bar is in use', async () => {
  vi.useFakeTimers();
  const { ipc, reads: marked } = reads();
  await marked.mark([{ id: 'a', from: 1, upTo: 2, count: 2 }]);
  marked.setPaused(true);
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(marked.count).toBe(2);
  marked.setPaused(false);
  vi.advanceTimersByTime(UNDO_MS);
  expect(marked.count).toBe(0);
  await marked.undo();
  expect(ipc.act).not.toHaveBeenCalled();
  vi.useRealTimers();
});
