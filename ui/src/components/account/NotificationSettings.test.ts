import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc } from '../../ipc';
import { ownTimeZone } from '../../lib/format-time';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import NotificationSettings from './NotificationSettings.svelte';

type SettingKey = Parameters<Ipc['setting']>[0];

async function section(values: Partial<Record<SettingKey, string>> = {}) {
  const setSetting = vi.fn(() => Promise.resolve(null));
  const setting = vi.fn((key: SettingKey) => Promise.resolve(values[key] ?? ''));
  const target = mounted(NotificationSettings, {}, appWith({ setting, setSetting }));
  await vi.waitFor(() => expect(setting).toHaveBeenCalledWith('exceptions', null));
  await tick();
  flushSync();
  return { target, setSetting };
}

const radio = (target: HTMLElement, name: string) =>
  target.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)!;

test('each cause has one of three levels, and another one is kept at once', async () => {
  const { target, setSetting } = await section();
  expect(radio(target, 'Direct message, Alert').checked).toBe(true);
  expect(radio(target, 'Any other message, Off').checked).toBe(true);
  expect(target.querySelectorAll('input[type=radio]:checked').length).toBe(7);
  radio(target, 'Any other message, Silent').click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenCalledWith('notifyOther', null, 'silent'));
});

test('keywords are words between commas', async () => {
  const { target, setSetting } = await section({ keywords: '["oak","inline cache"]' });
  const field = target.querySelector<HTMLInputElement>('[name=keywords]')!;
  expect(field.value).toBe('oak, inline cache');
  field.value = ' spesh , , oak';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenCalledWith('keywords', null, '["spesh","oak"]'),
  );
});

test('quiet hours are switched on for the nights of working days, and off again', async () => {
  const { target, setSetting } = await section();
  const toggle = target.querySelector<HTMLInputElement>('[role=switch]')!;
  toggle.click();
  flushSync();
  const zone = ownTimeZone();
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenCalledWith('quietHours', null, `1111100 1110 480 ${zone}`),
  );
  expect(target.querySelectorAll('.day').length).toBe(7);
  toggle.click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('quietHours', null, 'off'));
});

test('a pause says when it ends, and can be ended', async () => {
  const { target, setSetting } = await section();
  const button = (name: string) =>
    [...target.querySelectorAll('button')].find((one) => one.textContent.trim() === name)!;
  button(text.pauses.halfHour).click();
  flushSync();
  expect(target.querySelector('[role=status]')!.textContent).toContain('Paused until');
  button(text.resume).click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('pausedUntil', null, '0'));
});
