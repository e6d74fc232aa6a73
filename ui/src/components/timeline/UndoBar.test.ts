import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { AppState } from '../../state/app.svelte';
import { mountComponent } from '../render';
import UndoBar from './UndoBar.svelte';

test('a deletion is announced, and can be undone with a button', async () => {
  const ipc = { setSetting: () => Promise.resolve(), setting: () => Promise.resolve(null) };
  const app = new AppState(ipc as unknown as Ipc);
  const close = mountComponent(UndoBar, {}, app);
  const status = document.querySelector('[role=status]')!;
  expect(status.textContent).toBe('');
  await app.deletions.delete('c', [{ id: 'a', seq: 1, own: true } as TimelineItem]);
  flushSync();
  // The element stays the same, because the screen reader observes it.
  expect(document.querySelector('[role=status]')).toBe(status);
  expect(status.textContent).toBe(text.deletedNow({ n: 1 }));
  document.querySelector('button')!.click();
  await vi.waitFor(() => expect(app.deletions.count).toBe(0));
  flushSync();
  expect(status.textContent).toBe('');
  close();
});

test('the confirmation describes which messages are deleted', () => {
  expect(text.deleteDetails({ n: 3, others: 2 })).toContain(
    '2 of them were written by other people',
  );
  expect(text.deleteDetails({ n: 3, others: 0 })).toBe('They are deleted for everyone.');
  expect(text.deleteDetails({ n: 1, others: 1 })).toContain('Somebody else wrote it');
});
