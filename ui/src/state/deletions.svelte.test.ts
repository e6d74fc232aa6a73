import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ipc, TimelineItem } from '../ipc';
import { needsConfirmation, parseWaitingDeletions } from '../lib/deleting';
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
  const sent: string[] = [];
  const settings = new Map<string, string>();
  const ipc = {
    deleteMessage: async (_: string, id: string) => void deleted.push(id),
    sendMessage: async (_: string, __: string, draft: { body: string }) =>
      void sent.push(draft.body),
    setting: async (name: string) => settings.get(name) ?? null,
    setSetting: async (key: string, _: unknown, value: string) => void settings.set(key, value),
  } as unknown as Ipc;
  const start = () =>
    new Deletions(
      ipc,
      (work) => work(),
      () => Promise.resolve(),
    );
  return { deleted, sent, ipc, start };
}

test('a deletion is shown immediately, and sent once it can no longer be undone', async () => {
  const { deleted, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a')]);
  expect([deletions.has('a'), deletions.count, deleted]).toEqual([true, 1, []]);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(deleted).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect([deleted, deletions.count, deletions.has('a')]).toEqual([['a'], 0, false]);
});

test('an undone deletion is never sent, also after a restart', async () => {
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

test('the time to undo is not limited while the bar is in use', async () => {
  const { deleted, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a')]);
  deletions.setPaused(true);
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(deleted).toEqual([]);
  deletions.setPaused(false);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleted).toEqual(['a']);
});

test('deletions that were waiting when the program ended are sent once at the next start', async () => {
  const { deleted, start } = computer();
  await start().delete('c', [item('a'), item('b')]);
  vi.clearAllTimers();
  await start().resume();
  expect(deleted).toEqual(['a', 'b']);
  await start().resume();
  expect(deleted).toEqual(['a', 'b']);
  expect(parseWaitingDeletions('no JSON')).toEqual([]);
  expect(parseWaitingDeletions('[{"conversation":"c"}]')).toEqual([]);
});

test('an unsent message is removed from the outbox, and sent as a new one if the deletion is undone', async () => {
  const { deleted, sent, start } = computer();
  const deletions = start();
  await deletions.delete('c', [item('a', { seq: null })]);
  expect([deleted, deletions.count]).toEqual([['a'], 1]);
  await deletions.undo();
  expect(sent).toEqual(['body of a']);
});

test('deleting several messages, or those of others, needs confirmation', async () => {
  expect(needsConfirmation([item('a')])).toBe(false);
  expect(needsConfirmation([item('a'), item('b')])).toBe(true);
  expect(needsConfirmation([item('a', { own: false })])).toBe(true);
  const { ipc } = computer();
  const app = new AppState(ipc);
  app.timeline = new Timeline('c', ipc);
  app.removal.delete([item('a', { own: false })]);
  expect([app.dialog, app.deletions.count]).toEqual(['confirmation', 0]);
  app.selection.ids = ['a', 'b'];
  app.runConfirmed();
  expect([app.dialog, app.deletions.count, app.selection.ids]).toEqual([null, 1, ['b']]);
  app.removal.delete([item('b')]);
  expect([app.dialog, app.deletions.count]).toEqual([null, 2]);
});

test('deleting a message with unsent files needs confirmation, since it cannot be undone', async () => {
  const discarded: string[] = [];
  const { ipc, deleted, sent, start } = computer();
  const discard = async (id: string) => (discarded.push(id), null);
  const app = new AppState({ ...ipc, discard } as Ipc);
  app.timeline = new Timeline('c', app.ipc);
  const files = [{ name: 'report.pdf', kind: { type: 'file' } }] as TimelineItem['files'];
  app.removal.delete([item('a', { seq: null, body: '', files })]);
  expect([app.dialog, app.confirmation?.subject, discarded]).toEqual([
    'confirmation',
    'report.pdf',
    [],
  ]);
  app.runConfirmed();
  await vi.waitFor(() => expect(discarded).toEqual(['a']));
  // If several messages are deleted, undoing does not restore it.
  const deletions = start();
  await deletions.delete('c', [item('b', { seq: null, files })]);
  expect([deleted, deletions.count]).toEqual([['b'], 0]);
  await deletions.undo();
  expect(sent).toEqual([]);
});
