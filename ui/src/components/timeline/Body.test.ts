import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { Block } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import Body from './Body.svelte';
import table from './mentions.gen.json';

test.each([
  ['Enter', 'oak'],
  [' ', 'oak'],
  ['a', undefined],
])('the key "%s" on a mention shows the card of %s', (key, shown) => {
  const app = createApp({});
  const mention = { type: 'mention' as const, text: '@oak', user: 'oak' };
  const blocks: Block[] = [
    { type: 'paragraph', children: [{ type: 'text', text: 'ask ' }, mention] },
  ];
  const page = render(Body, { body: 'ask @oak', blocks }, app);
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  page.querySelector('[role=button]')!.dispatchEvent(event);
  flushSync();
  expect(app.card?.id).toBe(shown);
  // The space key must not also scroll the messages.
  expect(event.defaultPrevented).toBe(shown !== undefined);
});

test('a mention has the menu of the person instead of that of the message', () => {
  const app = createApp({});
  const mention = { type: 'mention' as const, text: '@oak', user: 'oak' };
  const page = render(
    Body,
    { body: '@oak', blocks: [{ type: 'paragraph', children: [mention] }] satisfies Block[] },
    app,
  );
  const outer = (event: MouseEvent) =>
    app.menu.open(event, 'Message', () => [{ name: text.copy, act: () => undefined }]);
  page.addEventListener('contextmenu', outer);
  const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
  page.querySelector('.person')!.dispatchEvent(event);
  expect(app.menu.shown?.label).toBe('@oak');
  expect(app.menu.shown?.entries.map(({ name }) => name)).toEqual([text.profile, text.writeTo]);
  app.menu.shown!.entries[0]!.act();
  expect(app.card?.id).toBe('oak');
});

// A test of crates/markup writes the table. Tests of the store and the server use it too.
test.each(table.rows)('the mentions in $text are shown', (row) => {
  const blocks = row.blocks as unknown as Block[] | null;
  const page = render(Body, { body: row.text, blocks }, createApp({}));
  const shown = [...page.querySelectorAll('.mention')].map((mention) => mention.textContent);
  expect(shown).toEqual(row.mentions);
});
