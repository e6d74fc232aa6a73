import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { Block } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import Body from './Body.svelte';

/**
 * Renders a message with one link. Returns the window's state, a function that clicks the link, and the opened links.
 */
function renderLink(url: string, words: string) {
  const opened: string[] = [];
  const app = createApp({ openLink: async (link) => (opened.push(link), null) });
  const link = { type: 'link', url, children: [{ type: 'code', text: words }] };
  const blocks = [{ type: 'paragraph', children: [link] }] as Block[];
  const page = render(Body, { body: words, blocks }, app);
  const click = (type = 'click', button = 0) => {
    const event = new MouseEvent(type, { button, bubbles: true, cancelable: true });
    page.querySelector('a')!.dispatchEvent(event);
    flushSync();
    return event.defaultPrevented;
  };
  return { app, opened, page, click };
}

test('a link is opened by the left or middle button, and not by the right one', () => {
  const { opened, click } = renderLink('https://example.org/', 'here');
  click('auxclick', 2);
  expect(opened).toEqual([]);
  // The window itself never navigates to a link.
  expect(click('auxclick', 1)).toBe(true);
  expect(click()).toBe(true);
  expect(opened).toEqual(['https://example.org/', 'https://example.org/']);
});

test.each([
  ['https://evil.example/', 'https://bank.example'],
  ['https://bank.example@evil.example/', 'https://bank.example@evil.example/'],
])('%s as "%s" shows its host, and is opened only after confirmation', (url, words) => {
  const { app, opened, page, click } = renderLink(url, words);
  expect(page.textContent).toContain('(evil.example)');
  expect(page.querySelector('a')!.title).toMatch(/^evil\.example\n/);
  const title = text.linkTitle({ host: 'evil.example' });
  for (const open of [() => click(), () => click('auxclick', 1)]) {
    expect(open()).toBe(true);
    expect([opened, app.dialog, app.confirmation?.title]).toEqual([[], 'confirmation', title]);
  }
  app.runConfirmed();
  expect(opened).toEqual([url]);
  // The link is not opened again without another click.
  app.runConfirmed();
  expect(opened).toEqual([url]);
});

test('a link to a message on this server is opened in the window', () => {
  const id = '0190f0aa-0000-7000-8000-000000000001';
  const { app, opened, click } = renderLink(`https://chat.example/message#${id}`, 'other.example');
  const found: string[] = [];
  app.openMessage = async (message) => void found.push(message);
  app.account = { server: 'https://chat.example' } as typeof app.account;
  flushSync();
  click();
  expect([found, opened, app.dialog]).toEqual([[id], [], null]);
});
