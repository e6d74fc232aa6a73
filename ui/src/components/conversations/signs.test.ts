import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Person } from '../../ipc';
import { appWith, mounted } from '../mounted';
import GroupsPicker from '../administration/GroupsPicker.svelte';
import Forward from './Forward.svelte';
import Jump from './Jump.svelte';
import PeoplePicker from './PeoplePicker.svelte';

const conversation = (id: string, title: string, kind: 'group' | 'p2p' = 'group') =>
  ({ id, title, kind, archived: false, left: false, peer: null }) as ConversationSummary;
const WREN = { id: 'w', username: 'wren', name: 'Jenny', state: 'active' } as unknown as Person;

/** Returns what is offered once `typed` is in the field, in lines. */
async function offered(target: HTMLElement, typed: string): Promise<string[]> {
  const field = target.querySelector('input')!;
  field.focus();
  field.value = typed;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  for (let n = 0; n < 8; n++) await tick();
  flushSync();
  return [...target.querySelectorAll('[role=option]')].map((one) => one.textContent!);
}

function window() {
  const app = appWith({
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
    const app = window();
    const picker = mounted(PeoplePicker, { label: 'x', without: [], onpick: vi.fn() }, app);
    for (const target of [mounted(Jump, {}, app), picker]) {
      const all = await offered(target, typed);
      expect(all.length, typed).toBe(1);
      expect(all[0]).toContain('Jenny');
    }
  },
);

test.each(['#raku', 'raku', '# raku', '＃RAKU'])('groups are found by %s', async (typed) => {
  const app = window();
  const groups = mounted(GroupsPicker, { label: 'x', chosen: [] }, app);
  groups.querySelector('input')!.click();
  for (const target of [mounted(Jump, {}, app), mounted(Forward, { items: [] }, app), groups]) {
    const all = (await offered(target, typed)).join('\n');
    for (const title of ['#raku', 'raku-dev']) expect(all).toContain(title);
    expect(all).not.toContain('Oak');
  }
});

test('a direct conversation is found by the name with its sign', async () => {
  const app = window();
  for (const target of [mounted(Jump, {}, app), mounted(Forward, { items: [] }, app)])
    expect((await offered(target, '@oak')).join()).toContain('Oak');
});
