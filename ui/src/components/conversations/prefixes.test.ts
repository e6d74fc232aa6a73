import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Person } from '../../ipc';
import { createApp, render } from '../render';
import GroupsPicker from '../administration/GroupsPicker.svelte';
import Forward from './Forward.svelte';
import Jump from './Jump.svelte';
import PeoplePicker from './PeoplePicker.svelte';

const conversation = (id: string, title: string, kind: 'group' | 'p2p' = 'group') =>
  ({ id, title, kind, archived: false, left: false, peer: null }) as ConversationSummary;
const WREN = { id: 'w', username: 'wren', name: 'Jenny', state: 'active' } as unknown as Person;

/** Types into the field and returns the options. */
async function optionsFor(target: HTMLElement, typed: string): Promise<string[]> {
  const field = target.querySelector('input')!;
  field.focus();
  field.value = typed;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  for (let n = 0; n < 8; n++) await tick();
  flushSync();
  return [...target.querySelectorAll('[role=option]')].map((option) => option.textContent!);
}

function createWindow() {
  const app = createApp({
    people: async (prefix: string) => ('wren'.startsWith(prefix) && prefix !== '' ? [WREN] : []),
  });
  app.conversations = [
    conversation('a', '#raku'),
    conversation('b', 'raku-dev'),
    conversation('c', 'Oak', 'p2p'),
  ];
  return app;
}

test.each(['@wr', '@wren', 'wren', ' @wren ', '＠wren', '@ wren'])(
  'a person is found by %s',
  async (typed) => {
    const app = createWindow();
    const picker = render(PeoplePicker, { label: 'x', without: [], onpick: vi.fn() }, app);
    for (const target of [render(Jump, {}, app), picker]) {
      const all = await optionsFor(target, typed);
      expect(all.length, typed).toBe(1);
      expect(all[0]).toContain('Jenny');
    }
  },
);

test.each(['#raku', 'raku', '# raku', '＃RAKU'])('groups are found by %s', async (typed) => {
  const app = createWindow();
  const groups = render(GroupsPicker, { label: 'x', chosen: [] }, app);
  groups.querySelector('input')!.click();
  for (const target of [render(Jump, {}, app), render(Forward, { items: [] }, app), groups]) {
    const all = (await optionsFor(target, typed)).join('\n');
    for (const title of ['#raku', 'raku-dev']) expect(all).toContain(title);
    expect(all).not.toContain('Oak');
  }
});

test('a direct conversation is found by its name with an @', async () => {
  const app = createWindow();
  for (const target of [render(Jump, {}, app), render(Forward, { items: [] }, app)])
    expect((await optionsFor(target, '@oak')).join()).toContain('Oak');
});
