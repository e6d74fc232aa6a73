import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc } from '../../ipc';
import { ownTimeZone } from '../../lib/format-time';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import NotificationSettings from './NotificationSettings.svelte';

type SettingKey = Parameters<Ipc['setting']>[0];

async function renderSection(
  values: Partial<Record<SettingKey, string>> = {},
  more: Partial<Ipc> = {},
) {
  const setSetting = vi.fn(() => Promise.resolve(null));
  const setting = vi.fn((key: SettingKey) => Promise.resolve(values[key] ?? ''));
  const target = render(NotificationSettings, {}, createApp({ setting, setSetting, ...more }));
  await vi.waitFor(() => expect(setting).toHaveBeenCalledWith('exceptions', null));
  await tick();
  flushSync();
  return { target, setSetting };
}

const radio = (target: HTMLElement, name: string) =>
  target.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)!;

test('each cause has one of three levels, and a change is stored immediately', async () => {
  const { target, setSetting } = await renderSection();
  expect(radio(target, 'Direct message, Alert').checked).toBe(true);
  expect(radio(target, 'Any other message, Off').checked).toBe(true);
  expect(target.querySelectorAll('input[type=radio]:checked').length).toBe(7);
  radio(target, 'Any other message, Silent').click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenCalledWith('notifyOther', null, 'silent'));
});

test('a keyword or exception that is stored twice is shown once', async () => {
  const { target } = await renderSection({ keywords: '["oak","oak"]', exceptions: '["u1","u1"]' });
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelectorAll('.word').length).toBe(1);
    expect(target.querySelectorAll('.person').length).toBe(1);
  });
});

test('keywords are added by Enter or a comma, and removed one by one', async () => {
  const { target, setSetting } = await renderSection({ keywords: '["oak","inline cache"]' });
  const field = target.querySelector<HTMLInputElement>('[name=keywords]')!;
  const type = (word: string, key: string) => {
    field.value = word;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    flushSync();
  };
  const words = () => [...target.querySelectorAll('.word bdi')].map((word) => word.textContent);
  expect(words()).toEqual(['oak', 'inline cache']);
  type(' spesh ', 'Enter');
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenLastCalledWith('keywords', null, '["oak","inline cache","spesh"]'),
  );
  type('OAK', ',');
  expect(words()).toEqual(['oak', 'inline cache', 'spesh']);
  type('x'.repeat(101), 'Enter');
  expect(target.querySelector('[role=alert]')!.textContent).toBe(text.tooManyKeywords);
  target.querySelector<HTMLElement>(`[aria-label*="oak"]`)!.click();
  flushSync();
  expect(words()).toEqual(['inline cache', 'spesh']);
});

test('quiet hours are switched on for the nights of working days, and off again', async () => {
  const { target, setSetting } = await renderSection();
  const toggle = target.querySelector<HTMLInputElement>(
    `[role=switch][aria-label="${text.quietHours}"]`,
  )!;
  toggle.click();
  flushSync();
  const zone = ownTimeZone();
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenCalledWith('quietHours', null, `1111100 1110 480 ${zone}`),
  );
  expect(target.querySelectorAll('.day').length).toBe(7);
  const zones = target.querySelector<HTMLSelectElement>(`[aria-label="${text.quietZone}"]`)!;
  zones.value = 'Asia/Tokyo';
  zones.dispatchEvent(new Event('change', { bubbles: true }));
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenLastCalledWith('quietHours', null, '1111100 1110 480 Asia/Tokyo'),
  );
  target.querySelector<HTMLElement>('.day[aria-pressed=true]')!.click();
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenLastCalledWith('quietHours', null, '0111100 1110 480 Asia/Tokyo'),
  );
  toggle.click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('quietHours', null, 'off'));
});

test('a pause shows its end, and can be ended', async () => {
  const { target, setSetting } = await renderSection();
  const button = (name: string) =>
    [...target.querySelectorAll('button')].find((button) => button.textContent.trim() === name)!;
  button(text.pauseOptions.halfHour).click();
  flushSync();
  expect(target.querySelector('[role=status]')!.textContent).toContain('Paused until');
  button(text.resume).click();
  flushSync();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('pausedUntil', null, '0'));
});

test('conversations with their own levels are listed', async () => {
  const rows = ['runtime', 'general'].map((title) => ({ id: title, title, left: false }));
  const { target } = await renderSection(
    {},
    {
      levelOverrides: async () => ['runtime', 'general'],
      conversationsById: async () => rows as never,
    },
  );
  await vi.waitFor(() => {
    flushSync();
    expect(target.textContent).toContain('2 conversations have their own levels');
  });
  const show = [...target.querySelectorAll('button')].find(
    (button) => button.textContent === text.levelOverridesShow,
  )!;
  expect(show.getAttribute('aria-expanded')).toBe('false');
  show.click();
  flushSync();
  expect(show.getAttribute('aria-expanded')).toBe('true');
});
