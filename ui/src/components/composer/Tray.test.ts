import axe from 'axe-core';
import { flushSync, tick } from 'svelte';
import { expect, test } from 'vitest';
import type { Ipc, StagedFile } from '../../ipc';
import { text } from '../../lib/text';
import { Staged } from '../../state/staged.svelte';
import { appWith, mounted } from '../mounted';
import Tray from './Tray.svelte';

const file = (id: number) =>
  ({
    ...{ id, asFile: false, canBePicture: id !== 3 },
    file: { hash: `${id}`, bytes: 1000, name: `${id}.png`, mediaType: 'image/png', kind: {} },
  }) as StagedFile;
const settled = async () => {
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
};

async function show() {
  const orders: number[][] = [];
  let kept = [1, 2, 3].map(file);
  const ipc = {
    staged: async () => kept,
    fileLimits: async () => null,
    unstage: async (id: number) => ((kept = kept.filter((one) => one.id !== id)), null),
    orderStaged: async (ids: number[]) => (orders.push(ids), null),
    setStagedAsFile: async (id: number, asFile: boolean) =>
      (kept = kept.map((one) => (one.id === id ? { ...one, asFile } : one))),
  } as Partial<Ipc> as Ipc;
  const app = appWith(ipc);
  app.id = 'me';
  const staged = new Staged('c', ipc, (work) => work());
  await staged.load();
  let left = 0;
  const page = mounted(Tray, { staged, onleave: () => left++ }, app);
  await settled();
  return { app, page, staged, orders, left: () => left };
}
const focused = () => document.activeElement!.getAttribute('aria-label');
const label = (id: number, at: number, of = 3) =>
  text.stagedLabel({ name: `${id}.png`, size: '1 KB', at, of });
async function press(key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  document.activeElement!.dispatchEvent(event);
  await settled();
}

test('the files are one tab stop, and arrow keys move among them', async () => {
  const { page } = await show();
  const chips = [...page.querySelectorAll<HTMLElement>('[data-id]')];
  expect(chips.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
  chips[0]!.focus();
  await press('ArrowRight');
  expect(focused()).toBe(label(2, 2));
  await press('End');
  expect(focused()).toBe(label(3, 3));
  expect(chips.map(({ tabIndex }) => tabIndex)).toEqual([-1, -1, 0]);
});

test('Alt and an arrow key move a file, which is announced and stored', async () => {
  const { page, staged, orders } = await show();
  page.querySelector<HTMLElement>('[data-id]')!.focus();
  await press('ArrowRight', { altKey: true });
  expect(staged.ids).toEqual([2, 1, 3]);
  expect([focused(), orders]).toEqual([label(1, 2), [[2, 1, 3]]]);
  expect(page.querySelector('.hidden')!.textContent).toBe(text.place({ at: 2, of: 3 }));
});

test('Delete removes a file, and the focus goes to the next one, at last to the text', async () => {
  const { page, staged, left } = await show();
  page.querySelector<HTMLElement>('[data-id="2"]')!.focus();
  await press('Delete');
  expect(focused()).toBe(label(3, 2, 2));
  await press('Delete');
  await press('Delete');
  expect([staged.ids, left()]).toEqual([[], 1]);
});

test('Escape asks before all files are removed', async () => {
  const { app, page, staged } = await show();
  page.querySelector<HTMLElement>('[data-id]')!.focus();
  await press('Escape');
  expect(app.question?.title).toBe(text.removeFilesTitle({ n: 3 }));
  expect(staged.ids).toHaveLength(3);
  app.answer();
  expect(staged.ids).toEqual([]);
});

test('pictures are sent without location data, unless one chooses to send them as files', async () => {
  const { page, staged } = await show();
  expect(page.textContent).toContain(text.withoutPlaces);
  page.querySelector<HTMLElement>('[type=checkbox]')!.click();
  await settled();
  expect(page.textContent).toContain(text.withPlaces);
  expect(staged.files.map(({ asFile }) => asFile)).toEqual([true, true, false]);
  page.querySelector<HTMLElement>('[data-id="1"] .as')!.click();
  await settled();
  expect(staged.files.map(({ asFile }) => asFile)).toEqual([false, true, false]);
});

test('axe finds nothing in it', async () => {
  const { page } = await show();
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
  expect((await axe.run(page, { rules })).violations.map(({ help }) => help)).toEqual([]);
});
