import { expect, test } from 'vitest';
import type { Block, Ipc } from '../../ipc';
import { AppState } from '../../state/app.svelte';
import { shown } from '../mounted';
import Body from './Body.svelte';

test('a link is opened by a click or the middle button, and not by the right one', () => {
  const opened: string[] = [];
  const ipc = { openLink: (url: string) => Promise.resolve(void opened.push(url)) };
  const url = 'https://example.org/';
  const link = { type: 'link', url, children: [{ type: 'text', text: 'here' }] };
  const blocks = [{ type: 'paragraph', children: [link] }] as Block[];
  const close = shown(Body, { body: 'here', blocks }, new AppState(ipc as unknown as Ipc));
  const press = (type: string, button: number) => {
    const event = new MouseEvent(type, { button, bubbles: true, cancelable: true });
    document.querySelector('a')!.dispatchEvent(event);
    return event.defaultPrevented;
  };
  press('auxclick', 2);
  expect(opened).toEqual([]);
  // Nothing leaves this window by itself.
  expect(press('auxclick', 1)).toBe(true);
  expect(press('click', 0)).toBe(true);
  expect(opened).toEqual([url, url]);
  close();
});
