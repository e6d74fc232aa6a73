import { afterEach, expect, test, vi } from 'vitest';
import App from '../App.svelte';
import { createApp, render } from '../components/render';
import { localeOf } from '../lib/format-time';
import { text } from '../lib/text';
import { ipcOf, started } from '.';
import { installFake } from './fake';
import { sampleWorld } from './fake/sample-world';

// jsdom has no fonts.
vi.mock('../lib/fonts', () => ({
  loadCodeFontFor: () => Promise.resolve(),
  loadOtherFonts: () => Promise.resolve(),
}));

// The window preloads other components.
afterEach(() => vi.dynamicImportSettled());

/** Opens the window with the sample conversations; resolves once it shows them. */
async function openWindow(world = sampleWorld()) {
  installFake(world);
  const target = render(App, { started: started() }, createApp({}));
  const shown = () => expect(target.textContent).toContain('is the cache in?');
  await vi.waitFor(shown, { timeout: 10_000 });
  return target;
}

test('the window shows the sample conversations', async () => {
  const target = await openWindow();
  for (const title of ['Workshop', 'oak', 'Announcements', 'linnet'])
    expect(target.textContent).toContain(title);
  expect(target.querySelector('pre')?.textContent).toContain('fn main()');
});

test('a sent message is shown immediately, and then accepted by the fake server', async () => {
  const target = await openWindow();
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

test('the search finds messages and marks the words', async () => {
  await openWindow();
  const search = { text: 'plan', scope: { in: 'everywhere' }, order: 'newest' } as const;
  const { hits } = await ipcOf('sample').search(search);
  const marks = hits.flatMap((hit) => hit.snippet.filter((part) => part.mark));
  expect(marks.map((part) => part.text)).toEqual(['plan', 'plan']);
});

test('an action with its own command is refused by act', async () => {
  installFake(sampleWorld());
  const [conversation] = await ipcOf('sample').conversations(1);
  const { act } = ipcOf('sample');
  for (const action of [
    { type: 'send', body: 'x' },
    { type: 'read', seq: 1 },
  ] as const)
    await expect(act(conversation!.id, action)).rejects.toMatchObject({ code: 'invalid' });
  await act(conversation!.id, { type: 'mute', until: 9 });
  const [muted] = await ipcOf('sample').conversationsById([conversation!.id]);
  expect(muted?.mutedUntil).toBe(9);
});

test('a refused command rejects with its error code', async () => {
  installFake(sampleWorld());
  const members = ipcOf('sample').members('nowhere');
  await expect(members).rejects.toMatchObject({ code: 'not_found' });
});

test('times have the format of the locale that the program returns', async () => {
  const world = sampleWorld();
  world.timeLocale = 'de-DE';
  await openWindow(world);
  expect(localeOf('en')).toBe('en-DE-u-hc-h23');
});
