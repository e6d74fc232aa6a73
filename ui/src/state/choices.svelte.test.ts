import { expect, test } from 'vitest';
import { SETTINGS } from '../lib/settings';
import { Choices } from './choices.svelte';
import { store, stored, type SettingsIpc } from './stored';

/** What is kept for one device, and what for all of them. */
function kept() {
  const [device, all] = [new Map<string, string>(), new Map<string, string>()];
  const ipc = {
    setting: async (name: string) => device.get(name) ?? null,
    setSetting: async (name: string, value: string) => void device.set(name, value),
    choice: async (name: string) => all.get(name) ?? null,
    choose: async (name: string, value: string) => void all.set(name, value),
  } as unknown as SettingsIpc;
  return { device, all, ipc };
}

test('a choice is kept where it reaches to, and is there again', async () => {
  const { device, all, ipc } = kept();
  const choices = new Choices(ipc);
  await choices.set('theme', 'dark');
  await choices.set('sendsOnEnter', false);
  expect([...device, ...all]).toEqual([
    ['theme', 'dark'],
    ['send_on_enter', 'no'],
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

test('what is of a conversation is kept under its name', async () => {
  const { device, ipc } = kept();
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  expect([...device.keys()]).toEqual(['edits.c']);
  expect(await stored(ipc, SETTINGS.edits, 'd')).toEqual([]);
  expect(await stored(ipc, SETTINGS.edits, 'c')).toEqual([{ id: 'm', body: 'b' }]);
});

test('what is too long to be kept leaves what was kept', async () => {
  const { device, ipc } = kept();
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b' }], 'c');
  await store(ipc, SETTINGS.edits, [{ id: 'm', body: 'b'.repeat(3_000_000) }], 'c');
  expect(device.get('edits.c')).toBe('[{"id":"m","body":"b"}]');
});
