import axe from 'axe-core';
import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { FileState, Ipc, MessageFile, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { Timeline } from '../../state/timeline.svelte';
import { createApp, render } from '../render';
import Attachments from './Attachments.svelte';
import Viewer from './Viewer.svelte';

const picture = (name: string): MessageFile => ({
  ...{ hash: name, bytes: 2_300_000, name, mediaType: 'image/png' },
  kind: { type: 'picture', width: 800, height: 600, thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI' },
});
const pdf: MessageFile = {
  ...{ hash: 'pdf', bytes: 1_800_000, name: 'report.pdf', mediaType: 'application/pdf' },
  kind: { type: 'file' },
};
const item = (files: MessageFile[], more: object = {}) =>
  ({
    ...{ id: 'm', seq: 7, senderId: 'u', sender: 'oak', own: true, body: '', sentAt: 1 },
    ...{ deleted: false, files, delivery: { state: 'sent' } },
    ...more,
  }) as unknown as TimelineItem;

const finishUpdates = async () => {
  await vi.dynamicImportSettled();
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
};

/** Renders the files of a message with the given states; all others are on the server. */
async function renderAttachments(
  message: TimelineItem,
  states: FileState[] = [],
  more: Partial<Ipc> = {},
) {
  const app = createApp({
    fileStates: async (hashes: string[]) =>
      hashes.map(
        (hash) =>
          states.find((state) => state.hash === hash) ?? { hash, isHere: false, transfer: null },
      ),
    ...more,
  });
  app.id = 'me';
  app.status = { connection: 'online' } as typeof app.status;
  app.timeline = new Timeline('c', app.ipc);
  app.timeline.show({ items: [message], atOldest: true, atNewest: true, missingOlder: false });
  const page = render(Attachments, { item: message, reachable: true }, app);
  await vi.waitFor(() => expect(app.files.state(message.files[0]!.hash)).toBeDefined());
  await finishUpdates();
  return { app, page };
}
const buttons = (page: Element) =>
  [...page.querySelectorAll('button')].map(
    (button) => button.getAttribute('aria-label') ?? button.textContent.trim(),
  );
const press = async (target: Element, key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  await finishUpdates();
};
/** jsdom has no layout, which the contrast check needs, and a component is not a whole page. */
const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
const violations = async (page: Element) =>
  (await axe.run(page, { rules })).violations.map(({ help }) => help);

test('a picture has its size and a name before it is loaded', async () => {
  const { page } = await renderAttachments(item([picture('a.png')]));
  const frame = page.querySelector<HTMLElement>('.frame')!;
  expect([frame.style.width, frame.style.aspectRatio]).toEqual(['420px', '420 / 315']);
  expect(page.querySelector('button')!.getAttribute('aria-label')).toBe(
    text.showPicture({ name: 'a.png' }),
  );
  expect(page.querySelector('img')).toBeNull();
  expect(page.querySelector('canvas')).not.toBeNull();
  expect(await violations(page)).toEqual([]);
});

test('several pictures form a grid, and other files rows below it', async () => {
  const files = [pdf, picture('a.png'), picture('b.png')];
  const { page } = await renderAttachments(item(files));
  expect(page.querySelectorAll('ul > li')).toHaveLength(2);
  expect(page.querySelectorAll('.row')).toHaveLength(1);
  expect(page.querySelector('.row')!.textContent).toContain(`PDF · 1.8 MB · ${text.isOnServer}`);
  expect(await violations(page)).toEqual([]);
});

test.each<[string, FileState, string[]]>([
  [
    'here',
    { hash: 'pdf', isHere: true, transfer: null },
    [text.openNamed({ name: pdf.name }), text.saveNamed({ name: pdf.name })],
  ],
  [
    'on the server',
    { hash: 'pdf', isHere: false, transfer: null },
    [`${text.download} ${pdf.name}`],
  ],
  [
    'being downloaded',
    {
      ...{ hash: 'pdf', isHere: false },
      transfer: { isUpload: false, done: 1, total: 9, problem: null },
    },
    [text.cancel],
  ],
  [
    'not downloaded',
    {
      ...{ hash: 'pdf', isHere: false },
      transfer: { isUpload: false, done: 1, total: 9, problem: { code: 'offline', reason: null } },
    },
    [text.retry, text.cancel],
  ],
])('a file that is %s has the right buttons', async (_, state, expected) => {
  const { page } = await renderAttachments(item([pdf]), [state]);
  expect(buttons(page)).toEqual(expected);
  const isTransferring = state.transfer !== null && !state.transfer.problem;
  expect(page.querySelector('progress') !== null).toBe(isTransferring);
  expect(await violations(page)).toEqual([]);
});

test('offline, a download can be scheduled', async () => {
  const { app, page } = await renderAttachments(item([pdf]));
  app.status = { connection: 'offline' } as typeof app.status;
  flushSync();
  expect(buttons(page)).toEqual([`${text.downloadOnline} ${pdf.name}`]);
});

test('a waiting message shows its upload progress, and can be discarded', async () => {
  const waiting = item([pdf], { seq: null, delivery: { state: 'waiting' } });
  const transfer = { isUpload: true, done: 1_200_000, total: 1_800_000, problem: null };
  const { app, page } = await renderAttachments(waiting, [{ hash: 'pdf', isHere: true, transfer }]);
  expect(page.textContent).toContain(text.sendingFiles({ done: '1.2 MB', total: '1.8 MB' }));
  expect(buttons(page)).toEqual([text.cancel]);
  page.querySelector<HTMLElement>('.cancel')!.click();
  expect(app.confirmation?.subject).toBe('report.pdf');
});

test('a file that could not be sent shows the reason, and can be retried', async () => {
  const retried: string[] = [];
  const waiting = item([pdf], { seq: null, delivery: { state: 'waiting' } });
  const problem = { code: 'invalid' as const, reason: { key: 'storageFull' as const } };
  const transfer = { isUpload: true, done: 0, total: 9, problem };
  const { page } = await renderAttachments(waiting, [{ hash: 'pdf', isHere: true, transfer }], {
    retry: async (id: string) => (retried.push(id), null),
  });
  expect(page.querySelector('[role=alert]')!.textContent).toContain(
    `${text.refusals.storageFull} ${text.storedHere}`,
  );
  expect(buttons(page)).toEqual([text.retry, text.discard]);
  page.querySelector<HTMLElement>('[role=alert] button')!.click();
  expect(retried).toEqual(['m']);
});

test('Tab reaches only the files of the focused message', async () => {
  const app = createApp({
    fileStates: async () => [{ hash: 'pdf', isHere: true, transfer: null }],
  });
  const props = { item: item([picture('a.png'), pdf]), reachable: false };
  const page = render(Attachments, props, app);
  await vi.waitFor(() => expect(page.querySelectorAll('button').length).toBeGreaterThan(2));
  const stops = [...page.querySelectorAll('button')].filter(({ tabIndex }) => tabIndex === 0);
  expect(stops).toEqual([]);
});

/** Shows the pictures of a message, starting at the second one. */
async function view(more: Partial<Ipc> = {}) {
  const { app } = await renderAttachments(item(['a', 'b', 'c'].map(picture)), [], {
    files: async () => ({ files: [], next: null }),
    ...more,
  });
  app.view('m', 1);
  const page = render(Viewer, { viewing: app.viewing! }, app);
  await finishUpdates();
  return { app, dialog: page.querySelector('dialog')! };
}
const labelOf = (dialog: Element) => dialog.getAttribute('aria-label');

test('the viewer starts at the chosen picture, and arrow keys show the others', async () => {
  const { dialog } = await view();
  expect(labelOf(dialog)).toBe(text.viewer({ name: 'b' }));
  expect(dialog.textContent).toContain(text.positionOf({ position: 2, total: 3 }));
  await press(dialog, 'ArrowRight');
  expect(labelOf(dialog)).toBe(text.viewer({ name: 'c' }));
  await press(dialog, 'ArrowRight');
  expect(labelOf(dialog)).toBe(text.viewer({ name: 'c' }));
  await press(dialog, 'ArrowLeft');
  await press(dialog, 'ArrowLeft');
  expect(labelOf(dialog)).toBe(text.viewer({ name: 'a' }));
  expect(await violations(dialog)).toEqual([]);
});

test('before the first picture, older ones of the conversation are loaded', async () => {
  const old = { messageId: 'k', conversationId: 'c', seq: 3, senderId: 'u', sender: 'oak' };
  const { dialog } = await view({
    files: async () => ({
      files: [{ ...old, index: 0, sentAt: 0, file: picture('old'), isHere: true }],
      next: null,
    }),
  });
  await press(dialog, 'ArrowLeft');
  await press(dialog, 'ArrowLeft');
  await vi.waitFor(() => expect(labelOf(dialog)).toBe(text.viewer({ name: 'old' })));
});

test('the viewer saves and copies with the keyboard, downloads the original, and closes', async () => {
  const calls: string[] = [];
  const record = (action: string) => async (id: string) => (calls.push(`${action} ${id}`), null);
  const { app, dialog } = await view({
    fetchFile: record('fetched'),
    saveFile: async (id: string) => (calls.push(`saved ${id}`), true),
    copyPicture: record('copied'),
  });
  await press(dialog, 's', { ctrlKey: true });
  await vi.waitFor(() => expect(calls).toEqual(['fetched m', 'saved m']));
  await press(dialog, 'c', { ctrlKey: true });
  await vi.waitFor(() => expect(calls).toEqual(['fetched m', 'saved m', 'copied m']));
  expect(app.toast).toBe(text.copiedPicture);
  dialog.close();
  expect(app.viewing).toBeNull();
});

test('a picture of a deleted message is no longer shown', async () => {
  const { app, dialog } = await view();
  app.timeline!.items = app.timeline!.items.map((item) => ({ ...item, deleted: true, files: [] }));
  await finishUpdates();
  expect(dialog.textContent).toContain(text.pictureDeleted);
  expect(dialog.querySelector('img, canvas')).toBeNull();
});
