import { expect, test } from 'vitest';
import { SETTINGS } from '../lib/settings';
import { Choices } from './choices.svelte';
import { store, stored, type SettingsIpc } from './stored';

function kept() {
  const all = new Map<string, string>();
  const under = (key: string, of: string | null) => (of === null ? key : `${key} ${of}`);
  const ipc = {
    setting: async (key, of) => all.get(under(key, of)) ?? '',
    setSetting: async (key, of, value) => (all.set(under(key, of), value), null),
  } as SettingsIpc;
  return { all, ipc };
}

test('a choice is kept, and is there again', async () => {
  const { all, ipc } = kept();
  const choices = new Choices(ipc);
  await choices.set('theme', 'dark');
  await choices.set('sendsOnEnter', false);
  expect([...all]).toEqual([
    ['theme', 'dark'],
    ['sendsOnEnter', 'no'],
  ]);
  const next = new Choices(ipc);
  expect([next.now.theme, next.now.sendsOnEnter]).toEqual(['system', true]);
  await next.load('theme', 'sendsOnEnter', 'isCompact');
  expect([next.now.theme, next.now.sendsOnEnter, next.now.isCompact]).toEqual([
    'dark',
    false,
    false,
  ]);
});

test('what is of a conversation is kept with it', async () => {
  const { all, ipc } = kept();
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  expect([...all.keys()]).toEqual(['edits c']);
  expect(await stored(ipc, SETTINGS.edits, 'd')).toEqual([]);
  expect(await stored(ipc, SETTINGS.edits, 'c')).toEqual([{ id: 'm', body: 'b' }]);
});

test('what is too long to be kept leaves what was kept', async () => {
  const { all, ipc } = kept();
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b'.repeat(3_000_000) }], 'c');
  expect(all.get('edits c')).toBe('[{"id":"m","body":"b"}]');
});
