import axe from 'axe-core';
import { flushSync, tick } from 'svelte';
import { expect, test } from 'vitest';
import type { Ipc, StagedFile } from '../../ipc';
import { text } from '../../lib/text';
import { StagedFiles } from '../../state/staged-files.svelte';
import { createApp, render } from '../render';
import AttachmentTray from './AttachmentTray.svelte';

const file = (id: number) =>
  ({
    ...{ id, asFile: false, canBePicture: id !== 3 },
    file: { hash: `${id}`, bytes: 1000, name: `${id}.png`, mediaType: 'image/png', kind: {} },
  }) as StagedFile;
const finishUpdates = async () => {
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
};

async function renderTray() {
  const orders: number[][] = [];
  let files = [1, 2, 3].map(file);
  const ipc = {
    staged: async () => files,
    fileLimits: async () => null,
    unstage: async (id: number) => ((files = files.filter((file) => file.id !== id)), null),
    orderStaged: async (ids: number[]) => (orders.push(ids), null),
    setStagedAsFile: async (id: number, asFile: boolean) =>
      (files = files.map((file) => (file.id === id ? { ...file, asFile } : file))),
  } as Partial<Ipc> as Ipc;
  const app = createApp(ipc);
  app.id = 'me';
  const staged = new StagedFiles('c', ipc, (work) => work());
  await staged.load();
  let leaveCount = 0;
  const page = render(AttachmentTray, { staged, onleave: () => leaveCount++ }, app);
  await finishUpdates();
  return { app, page, staged, orders, leaveCount: () => leaveCount };
}
const focused = () => document.activeElement!.getAttribute('aria-label');
const label = (id: number, position: number, total = 3) =>
  text.stagedLabel({ name: `${id}.png`, size: '1 KB', position, total });
async function press(key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  document.activeElement!.dispatchEvent(event);
  await finishUpdates();
}

test('the files are one tab stop, and arrow keys move among them', async () => {
  const { page } = await renderTray();
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
  const { page, staged, orders } = await renderTray();
  page.querySelector<HTMLElement>('[data-id]')!.focus();
  await press('ArrowRight', { altKey: true });
  expect(staged.ids).toEqual([2, 1, 3]);
  expect([focused(), orders]).toEqual([label(1, 2), [[2, 1, 3]]]);
  expect(page.querySelector('.hidden')!.textContent).toBe(
    text.positionOf({ position: 2, total: 3 }),
  );
});

test('Delete removes a file, and the focus goes to the next one, or else to the text', async () => {
  const { page, staged, leaveCount } = await renderTray();
  page.querySelector<HTMLElement>('[data-id="2"]')!.focus();
  await press('Delete');
  expect(focused()).toBe(label(3, 2, 2));
  await press('Delete');
  await press('Delete');
  expect([staged.ids, leaveCount()]).toEqual([[], 1]);
});

test('Escape asks before all files are removed', async () => {
  const { app, page, staged } = await renderTray();
  page.querySelector<HTMLElement>('[data-id]')!.focus();
  await press('Escape');
  expect(app.confirmation?.title).toBe(text.removeFilesTitle({ n: 3 }));
  expect(staged.ids).toHaveLength(3);
  app.runConfirmed();
  expect(staged.ids).toEqual([]);
});

test('pictures are sent without location data, unless sent as files', async () => {
  const { page, staged } = await renderTray();
  expect(page.textContent).toContain(text.withoutPlaces);
  page.querySelector<HTMLElement>('[type=checkbox]')!.click();
  await finishUpdates();
  expect(page.textContent).toContain(text.withPlaces);
  expect(staged.files.map(({ asFile }) => asFile)).toEqual([true, true, false]);
  page.querySelector<HTMLElement>('[data-id="1"] .toggle')!.click();
  await finishUpdates();
  expect(staged.files.map(({ asFile }) => asFile)).toEqual([false, true, false]);
});

test('axe finds no violations', async () => {
  const { page } = await renderTray();
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
  expect((await axe.run(page, { rules })).violations.map(({ help }) => help)).toEqual([]);
});
