import axe from 'axe-core';
import { flushSync, tick } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ConversationSummary, Ipc } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import NotificationLevels from './NotificationLevels.svelte';

type SettingKey = Parameters<Ipc['setting']>[0];

async function renderDialog(notifyIn: string, more: Partial<ConversationSummary> = {}) {
  const values: Partial<Record<SettingKey, string>> = { notifyIn, notifyMention: 'silent' };
  const ipc = {
    setting: vi.fn(async (key: SettingKey) => values[key] ?? ''),
    setSetting: vi.fn(async () => null),
    act: vi.fn(async () => null),
  };
  const app = createApp(ipc as unknown as Partial<Ipc>);
  const row = { id: 'c', title: 'runtime', kind: 'group', mutedUntil: null, ...more };
  const target = render(NotificationLevels, { conversation: row as ConversationSummary }, app);
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('input:checked')).not.toBe(null);
  });
  const choice = (name: string) =>
    [...target.querySelectorAll('label')].find((label) => label.textContent.trim() === name)!;
  return { ipc, target, choice };
}

test('a conversation uses the levels of the account or its own choice', async () => {
  const { ipc, choice, target } = await renderDialog('account');
  expect(choice(text.notifyIn.account).querySelector('input')!.checked).toBe(true);
  choice(text.notifyIn.nothing).querySelector('input')!.click();
  await tick();
  expect(ipc.setSetting).toHaveBeenLastCalledWith('notifyIn', 'c', 'nothing');
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
  expect((await axe.run(target, { rules })).violations.map(({ help }) => help)).toEqual([]);
});

test('custom levels start with those of the account, and each can be changed', async () => {
  const { ipc, choice, target } = await renderDialog('account');
  choice(text.notifyIn.custom).querySelector('input')!.click();
  flushSync();
  const custom = 'custom alert silent silent alert silent alert off';
  expect(ipc.setSetting).toHaveBeenLastCalledWith('notifyIn', 'c', custom);
  const name = `${text.notifyCauses.notifyOther}, ${text.notifyLevels.alert}`;
  target.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)!.click();
  flushSync();
  expect(ipc.setSetting).toHaveBeenLastCalledWith(
    'notifyIn',
    'c',
    'custom alert silent silent alert silent alert alert',
  );
});

test('invalid custom levels count as those of the account', async () => {
  const { choice } = await renderDialog('custom loud');
  expect(choice(text.notifyIn.account).querySelector('input')!.checked).toBe(true);
});

test('the hours for muting follow the clock while the dialog is open', async () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 30, 9, 30), shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const { target } = await renderDialog('all');
  const first = () =>
    Number([...target.querySelectorAll('option')].find((option) => !option.disabled)!.value);
  expect(new Date(first()).getHours()).toBe(10);
  vi.advanceTimersByTime(3 * 3_600_000);
  flushSync();
  expect(new Date(first()).getHours()).toBe(13);
});

test('a conversation can be muted until a time, and unmuted', async () => {
  const { ipc, target } = await renderDialog('all', { mutedUntil: Date.now() + 1e6 });
  const button = (name: string) =>
    [...target.querySelectorAll('button')].find((button) => button.textContent.trim() === name)!;
  expect(target.querySelector('[role=status]')!.textContent).toContain('Muted until');
  button(text.unmute).click();
  expect(ipc.act).toHaveBeenLastCalledWith('c', { type: 'mute', until: null });
  const field = target.querySelector('select')!;
  const next = [...field.options].find((option) => !option.disabled)!;
  field.value = next.value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
  const until = Number(next.value);
  expect(ipc.act).toHaveBeenLastCalledWith('c', { type: 'mute', until });
  expect(until).toBeGreaterThan(Date.now());
  expect(until).toBeLessThanOrEqual(Date.now() + 3_600_000);
});
