import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { Person } from '../../ipc';
import { appWith, mounted } from '../mounted';
import Body from './Body.svelte';

test.each([
  ['Enter', 'oak'],
  [' ', 'oak'],
  ['a', undefined],
])('the key "%s" on a mention shows the card of %s', (key, shown) => {
  const app = appWith({});
  const oak: Person = { id: 'oak', username: 'oak', name: 'oak' };
  const page = mounted(Body, { body: 'ask @oak', blocks: null, mentions: [oak] }, app);
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  page.querySelector('[role=button]')!.dispatchEvent(event);
  flushSync();
  expect(app.card?.id).toBe(shown);
  // The space that pressed the mention must not scroll the messages, too.
  expect(event.defaultPrevented).toBe(shown !== undefined);
});
