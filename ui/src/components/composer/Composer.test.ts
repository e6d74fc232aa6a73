import { flushSync, tick } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, StagedFile, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { AppState } from '../../state/app.svelte';
import { shown } from '../mounted';
import Composer from './Composer.svelte';

/** The settings on disk, which survive a restart of the window. */
let settings: Map<string, string>;
const edited: string[] = [];
const sent: string[] = [];
/** The files that are sent with the next message, and those that were. */
let kept: StagedFile[] = [];
const files: number[][] = [];
let close = () => {};
beforeEach(() => {
  settings = new Map();
  edited.length = sent.length = files.length = 0;
  kept = [];
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
  staged: async () => kept,
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
  sendMessage: async (_: string, id: string, saying: { body: string; files: number[] }) => {
    const { body } = saying;
    sent.push(body);
    files.push(saying.files);
    kept = kept.filter((one) => !saying.files.includes(one.id));
    return message(id, body);
  },
} as unknown as Ipc;

const settled = async () => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
  await tick();
  flushSync();
};

/** Starts the window, at a conversation with one message of the user. */
async function open() {
  const app = new AppState(ipc);
  app.conversations = ['c', 'd'].map((id) => ({ id, kind: 'group' }) as ConversationSummary);
  await app.open('c');
  await show(app);
  return app;
}
async function show(app: AppState) {
  close();
  close = shown(Composer, { timeline: app.timeline!, title: 'workshop', draft: null }, app);
  await settled();
}
const area = () => document.querySelector('textarea')!;
const button = (name: string) =>
  [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === name)!;
async function write(body: string) {
  area().value = body;
  area().dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
}
async function edit(app: AppState, body: string) {
  app.editing = app.timeline!.items[0]!;
  await settled();
  await write(body);
}

test('an edit outlives a change of conversation, and is offered again', async () => {
  const app = await open();
  await write('a draft');
  await edit(app, 'mended');
  await app.open('d');
  await show(app);
  expect(area().value).toBe('');
  expect(button(text.editGoOn)).toBeUndefined();
  await app.open('c');
  await show(app);
  expect(document.body.textContent).toContain(`${text.editKept} mended`);
  button(text.editGoOn).click();
  await settled();
  expect([app.editing?.id, area().value]).toEqual(['a', 'mended']);
});

test('an edit outlives the program, and is filled in where one edits the message again', async () => {
  vi.useFakeTimers();
  await edit(await open(), 'mended');
  await vi.advanceTimersByTimeAsync(1000);
  // The program was killed and starts again.
  const app = await open();
  app.editing = app.timeline!.items[0]!;
  await settled();
  expect(area().value).toBe('mended');
  area().form!.requestSubmit();
  await settled();
  expect(edited).toEqual(['mended']);
  expect([...settings.values()]).toEqual(['']);
  expect(button(text.editGoOn)).toBeUndefined();
});

test('a link to a message of the same conversation leaves the edit as it is', async () => {
  const app = await open();
  await edit(app, 'mended');
  await app.open('c', 1);
  await settled();
  expect([app.editing?.id, area().value]).toEqual(['a', 'mended']);
});

test('it is asked before an edit is discarded, and only if something was changed', async () => {
  const app = await open();
  await edit(app, 'broken');
  app.removal.endEditing();
  expect([app.editing, app.dialog]).toEqual([null, null]);
  await edit(app, 'mended');
  button(text.cancel).click();
  expect([app.editing?.id, app.dialog]).toEqual(['a', 'question']);
  app.answer();
  await settled();
  expect([app.editing, app.dialog, area().value]).toEqual([null, null, '']);
  expect(button(text.editGoOn)).toBeUndefined();
  // The same applies to an edit that is only offered.
  await edit(app, 'mended');
  app.editing = null;
  await settled();
  button(text.discard).click();
  await settled();
  expect([button(text.editGoOn) === undefined, app.dialog]).toEqual([false, 'question']);
  app.answer();
  await settled();
  expect(button(text.editGoOn)).toBeUndefined();
});

test('what was written into a message that is gone is put into the composer', async () => {
  const app = await open();
  await edit(app, 'mended');
  app.editing = null;
  app.timeline!.items = [];
  await settled();
  button(text.editGoOn).click();
  await settled();
  expect([area().value, app.toast]).toEqual(['mended', text.editGone]);
});

test('Enter that accepts a word of an input method sends nothing, and any other one does', async () => {
  await open();
  await write('日本');
  const enter = (keyCode: number) =>
    area().dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', keyCode, bubbles: true, cancelable: true }),
    );
  enter(229);
  await settled();
  expect(sent).toEqual([]);
  enter(13);
  await settled();
  expect(sent).toEqual(['日本']);
});

test('a text above the limit is said so, and not sent', async () => {
  await open();
  await write('x'.repeat(65_537));
  expect(document.querySelector('.limit')!.textContent.trim()).toBe(text.tooLong({ n: 1 }));
  area().form!.requestSubmit();
  await settled();
  expect(sent).toEqual([]);
});

/** Pastes a text. Returns the event, because jsdom has no clipboard and inserts nothing by itself. */
async function paste(pasted: string) {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => pasted } });
  area().dispatchEvent(event);
  await settled();
  return event;
}

test('a paste that nobody could type in is refused, and what was written stays', async () => {
  const app = await open();
  await write('hello');
  expect((await paste('line\n'.repeat(20_000))).defaultPrevented).toBe(false);
  expect(app.toast).toBeNull();
  expect((await paste('é line of a log\n'.repeat(350_000))).defaultPrevented).toBe(true);
  expect(app.toast).toBe(text.pasteTooLong({ n: 5_600_000 }));
  expect(area().value).toBe('hello');
  area().form!.requestSubmit();
  await settled();
  expect(sent).toEqual(['hello']);
});

const file = (id: number) =>
  ({
    ...{ id, asFile: false, canBePicture: true },
    file: { hash: `${id}`, bytes: 9, name: `${id}.png`, mediaType: 'image/png', kind: {} },
  }) as StagedFile;

test('files are sent without a text, in their order, and kept until then', async () => {
  kept = [file(4), file(2)];
  const app = await open();
  await app.open('d');
  await app.open('c');
  await show(app);
  await vi.waitFor(() => expect(document.querySelectorAll('[data-id]')).toHaveLength(2));
  area().form!.requestSubmit();
  await settled();
  expect([sent, files]).toEqual([[''], [[4, 2]]]);
  expect(document.querySelector('[data-id]')).toBeNull();
});

test('what is pasted without a text is a picture or files, and nothing is inserted', async () => {
  const app = await open();
  const pasting = vi.spyOn(app.files.staged('c'), 'paste');
  expect((await paste('')).defaultPrevented).toBe(true);
  expect(pasting).toHaveBeenCalledWith([]);
  expect((await paste('words')).defaultPrevented).toBe(false);
  expect(pasting).toHaveBeenCalledTimes(1);
});

test('the files of a message stay while another one is edited', async () => {
  kept = [file(1)];
  const app = await open();
  await vi.waitFor(() => expect(document.querySelectorAll('[data-id]')).toHaveLength(1));
  await edit(app, 'mended');
  expect(document.querySelector('[data-id]')).toBeNull();
  area().form!.requestSubmit();
  await settled();
  expect([edited, files, kept.length]).toEqual([['mended'], [], 1]);
});
