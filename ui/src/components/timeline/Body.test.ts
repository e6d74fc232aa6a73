import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { Block } from '../../ipc';
import { appWith, mounted } from '../mounted';
import Body from './Body.svelte';
import table from './mentions.gen.json';

test.each([
  ['Enter', 'oak'],
  [' ', 'oak'],
  ['a', undefined],
])('the key "%s" on a mention shows the card of %s', (key, shown) => {
  const app = appWith({});
  const mention = { type: 'mention' as const, text: '@oak', user: 'oak' };
  const blocks: Block[] = [
    { type: 'paragraph', children: [{ type: 'text', text: 'ask ' }, mention] },
  ];
  const page = mounted(Body, { body: 'ask @oak', blocks }, app);
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  page.querySelector('[role=button]')!.dispatchEvent(event);
  flushSync();
  expect(app.card?.id).toBe(shown);
  // The space that pressed the mention must not scroll the messages, too.
  expect(event.defaultPrevented).toBe(shown !== undefined);
});

// A test of crates/markup writes the table. The tests of the store and of the server use it, too.
test.each(table.rows)('in $text the mentions are shown that it makes', (row) => {
  const blocks = row.blocks as unknown as Block[] | null;
  const page = mounted(Body, { body: row.text, blocks }, appWith({}));
  const shown = [...page.querySelectorAll('.mention')].map((mention) => mention.textContent);
  expect(shown).toEqual(row.mentions);
});
