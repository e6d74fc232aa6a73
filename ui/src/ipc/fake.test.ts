import { afterEach, expect, test, vi } from 'vitest';
import App from '../App.svelte';
import { appWith, mounted } from '../components/mounted';
import { text } from '../lib/text';
import { ipcOf, started } from '.';
import { installFake } from './fake';
import { madeUp } from './fake/made-up';

// jsdom has no fonts.
vi.mock('../lib/fonts', () => ({ loadOtherFonts: () => Promise.resolve() }));

// The window loads what may be shown next.
afterEach(() => vi.dynamicImportSettled());

/** Opens the whole window on made-up conversations; resolves once it shows them. */
async function shown() {
  installFake(madeUp());
  const target = mounted(App, { started: started() }, appWith({}));
  await vi.waitFor(() => expect(target.textContent).toContain('is the cache in?'));
  return target;
}

test('the window shows made-up conversations', async () => {
  const target = await shown();
  for (const title of ['Workshop', 'oak', 'Announcements', 'linnet'])
    expect(target.textContent).toContain(title);
  expect(target.querySelector('pre')?.textContent).toContain('fn main()');
});

test('what is written is on the screen at once, and the made-up server takes it', async () => {
  const target = await shown();
  const field = target.querySelector('textarea')!;
  field.value = 'Written in a browser.';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  const row = () =>
    [...target.querySelectorAll('li.message')].find((row) =>
      row.textContent?.includes('Written in a browser.'),
    );
  await vi.waitFor(() => expect(row()?.textContent).toContain(text.waiting));
  expect(field.value).toBe('');
  await vi.waitFor(() => expect(row()?.textContent).not.toContain(text.waiting));
});

test('what is looked for is found, with the words marked', async () => {
  await shown();
  const search = { text: 'plan', scope: { in: 'everywhere' }, order: 'newest' } as const;
  const { hits } = await ipcOf('made-up').search(search);
  const marks = hits.flatMap((hit) => hit.snippet.filter((part) => part.mark));
  expect(marks.map((part) => part.text)).toEqual(['plan', 'plan']);
});

test('what more belongs to than the window says has its own command', async () => {
  installFake(madeUp());
  const [room] = await ipcOf('made-up').conversations(1);
  const { act } = ipcOf('made-up');
  for (const action of [
    { type: 'send', body: 'x' },
    { type: 'read', seq: 1 },
  ] as const)
    await expect(act(room!.id, action)).rejects.toMatchObject({ code: 'invalid' });
  await act(room!.id, { type: 'mute', until: 9 });
  const [muted] = await ipcOf('made-up').conversationsById([room!.id]);
  expect(muted?.mutedUntil).toBe(9);
});

test('what the program refuses is a failure with its code', async () => {
  installFake(madeUp());
  const gone = ipcOf('made-up').members('nowhere');
  await expect(gone).rejects.toMatchObject({ code: 'gone' });
});
