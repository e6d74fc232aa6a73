import { flushSync, tick } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, StagedFile, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { AppState } from '../../state/app.svelte';
import { mountComponent } from '../render';
import Composer from './Composer.svelte';

/** The settings on disk, which survive a restart of the window. */
let settings: Map<string, string>;
const edited: string[] = [];
const sent: string[] = [];
/** The attached files of the next message, and the ids of sent files. */
let attached: StagedFile[] = [];
const files: number[][] = [];
let close = () => {};
beforeEach(() => {
  settings = new Map();
  edited.length = sent.length = files.length = 0;
  attached = [];
});
afterEach(() => {
  close();
  close = () => {};
  vi.useRealTimers();
});

const message = (id: string, body: string) =>
  ({
    id,
    seq: 1,
    own: true,
    sender: 'wren',
    body,
    replyTo: null,
    files: [],
  }) as unknown as TimelineItem;
const ipc = {
  setting: async (name: string) => settings.get(name) ?? null,
  setSetting: async (key: string, _: unknown, value: string) => void settings.set(key, value),
  setDraft: async () => null,
  shareDraft: async () => null,
  staged: async () => attached,
  fileLimits: async () => null,
  stageClipboard: async () => ({ staged: [], failed: [] }),
  typing: async () => null,
  watch: async () => null,
  members: async () => [],
  findMessage: async () => null,
  timeline: async () => ({
    items: [message('a', 'broken')],
    atOldest: true,
    atNewest: true,
    missingOlder: false,
  }),
  editMessage: async (_: string, __: string, body: string) => void edited.push(body),
  sendMessage: async (_: string, id: string, draft: { body: string; files: number[] }) => {
    const { body } = draft;
    sent.push(body);
    files.push(draft.files);
    attached = attached.filter(({ id }) => !draft.files.includes(id));
    return message(id, body);
  },
} as unknown as Ipc;

const finishUpdates = async () => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
  await tick();
  flushSync();
};

/** Opens a conversation with one message of the user. */
async function open() {
  const app = new AppState(ipc);
  app.conversations = ['c', 'd'].map((id) => ({ id, kind: 'group' }) as ConversationSummary);
  await app.open('c');
  await show(app);
  return app;
}
async function show(app: AppState) {
  close();
  close = mountComponent(
    Composer,
    { timeline: app.timeline!, title: 'workshop', draft: null },
    app,
  );
  await finishUpdates();
}
const area = () => document.querySelector('textarea')!;
const button = (name: string) =>
  [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === name)!;
async function write(body: string) {
  area().value = body;
  area().dispatchEvent(new Event('input', { bubbles: true }));
  await finishUpdates();
}
async function edit(app: AppState, body: string) {
  app.editing = app.timeline!.items[0]!;
  await finishUpdates();
  await write(body);
}

test('an edit survives a change of conversation, and is offered again', async () => {
  const app = await open();
  await write('a draft');
  await edit(app, 'mended');
  await app.open('d');
  await show(app);
  expect(area().value).toBe('');
  expect(button(text.keepEditing)).toBeUndefined();
  await app.open('c');
  await show(app);
  expect(document.body.textContent).toContain(`${text.storedEdit} mended`);
  button(text.keepEditing).click();
  await finishUpdates();
  expect([app.editing?.id, area().value]).toEqual(['a', 'mended']);
});

test('an edit survives a restart, and is restored when the message is edited again', async () => {
  vi.useFakeTimers();
  await edit(await open(), 'mended');
  await vi.advanceTimersByTimeAsync(1000);
  // The program was killed and starts again.
  const app = await open();
  app.editing = app.timeline!.items[0]!;
  await finishUpdates();
  expect(area().value).toBe('mended');
  area().form!.requestSubmit();
  await finishUpdates();
  expect(edited).toEqual(['mended']);
  expect([...settings.values()]).toEqual(['']);
  expect(button(text.keepEditing)).toBeUndefined();
});

test('a link to a message in the same conversation does not end the edit', async () => {
  const app = await open();
  await edit(app, 'mended');
  await app.open('c', 1);
  await finishUpdates();
  expect([app.editing?.id, area().value]).toEqual(['a', 'mended']);
});

test('discarding a changed edit needs confirmation', async () => {
  const app = await open();
  await edit(app, 'broken');
  app.removal.endEditing();
  expect([app.editing, app.dialog]).toEqual([null, null]);
  await edit(app, 'mended');
  button(text.cancel).click();
  expect([app.editing?.id, app.dialog]).toEqual(['a', 'confirmation']);
  app.runConfirmed();
  await finishUpdates();
  expect([app.editing, app.dialog, area().value]).toEqual([null, null, '']);
  expect(button(text.keepEditing)).toBeUndefined();
  // The same applies to an edit that is only offered.
  await edit(app, 'mended');
  app.editing = null;
  await finishUpdates();
  button(text.discard).click();
  await finishUpdates();
  expect([button(text.keepEditing) === undefined, app.dialog]).toEqual([false, 'confirmation']);
  app.runConfirmed();
  await finishUpdates();
  expect(button(text.keepEditing)).toBeUndefined();
});

test('the edit of a deleted message is moved to the composer', async () => {
  const app = await open();
  await edit(app, 'mended');
  app.editing = null;
  app.timeline!.items = [];
  await finishUpdates();
  button(text.keepEditing).click();
  await finishUpdates();
  expect([area().value, app.toast]).toEqual(['mended', text.editGone]);
});

test('Enter sends, except when it accepts a word of an input method', async () => {
  await open();
  await write('日本');
  const enter = (keyCode: number) =>
    area().dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', keyCode, bubbles: true, cancelable: true }),
    );
  enter(229);
  await finishUpdates();
  expect(sent).toEqual([]);
  enter(13);
  await finishUpdates();
  expect(sent).toEqual(['日本']);
});

test('a text above the limit is reported, and not sent', async () => {
  await open();
  await write('x'.repeat(65_537));
  expect(document.querySelector('.limit')!.textContent.trim()).toBe(text.tooLong({ n: 1 }));
  area().form!.requestSubmit();
  await finishUpdates();
  expect(sent).toEqual([]);
});

/** Pastes a text. Returns the event, because jsdom has no clipboard and inserts nothing. */
async function paste(pasted: string) {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => pasted } });
  area().dispatchEvent(event);
  await finishUpdates();
  return event;
}

test('a paste that is much too long is refused, and the text stays', async () => {
  const app = await open();
  await write('hello');
  expect((await paste('line\n'.repeat(20_000))).defaultPrevented).toBe(false);
  expect(app.toast).toBeNull();
  expect((await paste('é line of a log\n'.repeat(350_000))).defaultPrevented).toBe(true);
  expect(app.toast).toBe(text.pasteTooLong({ n: 5_600_000 }));
  expect(area().value).toBe('hello');
  area().form!.requestSubmit();
  await finishUpdates();
  expect(sent).toEqual(['hello']);
});

const file = (id: number) =>
  ({
    ...{ id, asFile: false, canBePicture: true },
    file: { hash: `${id}`, bytes: 9, name: `${id}.png`, mediaType: 'image/png', kind: {} },
  }) as StagedFile;

test('files are sent without a text, in their order', async () => {
  attached = [file(4), file(2)];
  const app = await open();
  await app.open('d');
  await app.open('c');
  await show(app);
  await vi.waitFor(() => expect(document.querySelectorAll('[data-id]')).toHaveLength(2));
  area().form!.requestSubmit();
  await finishUpdates();
  expect([sent, files]).toEqual([[''], [[4, 2]]]);
  expect(document.querySelector('[data-id]')).toBeNull();
});

test('a paste without text attaches files and inserts nothing', async () => {
  const app = await open();
  const pasting = vi.spyOn(app.files.staged('c'), 'paste');
  expect((await paste('')).defaultPrevented).toBe(true);
  expect(pasting).toHaveBeenCalledWith([]);
  expect((await paste('words')).defaultPrevented).toBe(false);
  expect(pasting).toHaveBeenCalledTimes(1);
});

test('attached files stay while another message is edited', async () => {
  attached = [file(1)];
  const app = await open();
  await vi.waitFor(() => expect(document.querySelectorAll('[data-id]')).toHaveLength(1));
  await edit(app, 'mended');
  expect(document.querySelector('[data-id]')).toBeNull();
  area().form!.requestSubmit();
  await finishUpdates();
  expect([edited, files, attached.length]).toEqual([['mended'], [], 1]);
});
