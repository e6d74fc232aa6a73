import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ipc, TimelineItem } from '../ipc';
import { asksFirst, waitingOf } from '../lib/deleting';
import { AppState } from './app.svelte';
import { Deletions, UNDO_MS } from './deletions.svelte';
import { Timeline } from './timeline.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const item = (id: string, more: Partial<TimelineItem> = {}) =>
  ({
    id,
    seq: 1,
    own: true,
    body: `body of ${id}`,
    replyTo: null,
    files: [],
    ...more,
  }) as unknown as TimelineItem;

/** Simulates a computer: the commands that reach the server, and the settings on disk, which survive a restart. */
function computer() {
  const deleted: string[] = [];
  const said: string[] = [];
  const settings = new Map<string, string>();
  const ipc = {
    deleteMessage: async (_: string, id: string) => void deleted.push(id),
    sendMessage: async (_: string, __: string, saying: { body: string }) =>
      void said.push(saying.body),
    setting: async (name: string) => settings.get(name) ?? null,
    setSetting: async (key: string, _: unknown, value: string) => void settings.set(key, value),
  } as unknown as Ipc;
  const start = () =>
    new Deletions(
      ipc,
      (work) => work(),
      () => Promise.resolve(),
    );
  return { deleted, said, ipc, start };
}

test('a deletion is shown at once, and told to nobody until it cannot be taken back', async () => {
  const { deleted, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a')]);
  expect([deletions.has('a'), deletions.count, deleted]).toEqual([true, 1, []]);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(deleted).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect([deleted, deletions.count, deletions.has('a')]).toEqual([['a'], 0, false]);
});

test('what is taken back was never deleted, here and after the next start', async () => {
  const { deleted, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a')]);
  await deletions.delete('d', [item('b')]);
  expect(deletions.count).toBe(2);
  await deletions.undo();
  expect([deletions.has('a'), deletions.has('b')]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  await start().resume();
  expect(deleted).toEqual([]);
});

test('whoever is at the bar has as long as they want', async () => {
  const { deleted, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a')]);
  deletions.hold(true);
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(deleted).toEqual([]);
  deletions.hold(false);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleted).toEqual(['a']);
});

test('a program that ends meanwhile deletes once when it is started again', async () => {
  const { deleted, start } = computer();
  await start().delete('c', [item('a'), item('b')]);
  vi.clearAllTimers();
  await start().resume();
  expect(deleted).toEqual(['a', 'b']);
  await start().resume();
  expect(deleted).toEqual(['a', 'b']);
  expect(waitingOf('what is no note')).toEqual([]);
  expect(waitingOf('[{"conversation":"c"}]')).toEqual([]);
});

test('what never reached the server is not sent while it waits, and said again if taken back', async () => {
  const { deleted, said, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a', { seq: null })]);
  expect([deleted, deletions.count]).toEqual([['a'], 1]);
  await deletions.undo();
  expect(said).toEqual(['body of a']);
});

test('it is asked before several messages, or others’, are deleted', async () => {
  expect(asksFirst([item('a')])).toBe(false);
  expect(asksFirst([item('a'), item('b')])).toBe(true);
  expect(asksFirst([item('a', { own: false })])).toBe(true);
  const { ipc } = computer();
  const app = new AppState(ipc);
  app.timeline = new Timeline('c', ipc);
  app.removal.delete([item('a', { own: false })]);
  expect([app.dialog, app.deletions.count]).toEqual(['question', 0]);
  app.selection.ids = ['a', 'b'];
  app.answer();
  expect([app.dialog, app.deletions.count, app.selection.ids]).toEqual([null, 1, ['b']]);
  app.removal.delete([item('b')]);
  expect([app.dialog, app.deletions.count]).toEqual([null, 2]);
});

test('a message whose files were never sent is deleted only after a question, for nothing could restore them', async () => {
  const discarded: string[] = [];
  const { ipc, deleted, said, start } = computer();
  const discard = async (id: string) => (discarded.push(id), null);
  const app = new AppState({ ...ipc, discard } as Ipc);
  app.timeline = new Timeline('c', app.ipc);
  const files = [{ name: 'report.pdf', kind: { type: 'file' } }] as TimelineItem['files'];
  app.removal.delete([item('a', { seq: null, body: '', files })]);
  expect([app.dialog, app.question?.about, discarded]).toEqual(['question', 'report.pdf', []]);
  app.answer();
  await vi.waitFor(() => expect(discarded).toEqual(['a']));
  // Among several, which are asked about, it is not offered again.
  const deletions = start();
  await deletions.delete('c', [item('b', { seq: null, files })]);
  expect([deleted, deletions.count]).toEqual([['b'], 0]);
  await deletions.undo();
  expect(said).toEqual([]);
});
