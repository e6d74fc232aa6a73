import { expect, test } from 'vitest';
import { SETTINGS } from '../lib/settings';
import { Choices } from './choices.svelte';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

function memoryStore() {
  const all = new Map<string, string>();
  const keyOf = (key: string, id: string | null) => (id === null ? key : `${key} ${id}`);
  const ipc = {
    setting: async (key, id) => all.get(keyOf(key, id)) ?? '',
    setSetting: async (key, id, value) => (all.set(keyOf(key, id), value), null),
  } as SettingsIpc;
  return { all, ipc };
}

test('a chosen value is stored and loaded again', async () => {
  const { all, ipc } = memoryStore();
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

test('a setting of a conversation is stored per conversation', async () => {
  const { all, ipc } = memoryStore();
  await storeSetting(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  expect([...all.keys()]).toEqual(['edits c']);
  expect(await loadSetting(ipc, SETTINGS.edits, 'd')).toEqual([]);
  expect(await loadSetting(ipc, SETTINGS.edits, 'c')).toEqual([{ id: 'm', body: 'b' }]);
});

test('a value that is too long leaves the stored one unchanged', async () => {
  const { all, ipc } = memoryStore();
  await storeSetting(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  await storeSetting(ipc, SETTINGS.edits, [{ id: 'm', body: 'b'.repeat(3_000_000) }], 'c');
  expect(all.get('edits c')).toBe('[{"id":"m","body":"b"}]');
});
