import { flushSync } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ipc, PersonCard as Card } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import ProfileCard from './ProfileCard.svelte';

const WREN: Card = {
  ...{ id: 'wren', username: 'wren', name: 'Wren Okafor', role: 'administrator' },
  ...{ state: 'active', isAlike: false },
  profile: {
    ...{ displayName: 'Wren Okafor', about: 'Runtime.\nAsk me.' },
    timeZone: 'Pacific/Kiritimati',
  },
};

async function renderCard(person: Card | null, ipc: Partial<Ipc> = {}) {
  const app = createApp({ personCard: () => Promise.resolve(person), ...ipc });
  app.account = { userId: 'me', username: 'me', server: '' } as typeof app.account;
  const anchor = document.body.appendChild(document.createElement('button'));
  const onclose = vi.fn();
  const target = render(ProfileCard, { id: person?.id ?? 'x', anchor, onclose }, app);
  await vi.waitFor(() => {
    flushSync();
    if (person) expect(target.querySelector('h2')).not.toBeNull();
    else expect(onclose).toHaveBeenCalled();
  });
  const buttons = () =>
    [...target.querySelectorAll('button')].map((button) => button.textContent.trim());
  return { app, target, anchor, onclose, buttons };
}

test('the card is labelled with the name, and shows the profile', async () => {
  const { target, buttons } = await renderCard(WREN);
  const dialog = target.querySelector('[role=dialog]')!;
  const name = document.getElementById(dialog.getAttribute('aria-labelledby')!);
  expect(name!.textContent).toBe('Wren Okafor');
  for (const part of ['@wren', 'Runtime.', text.roles.administrator])
    expect(target.textContent).toContain(part);
  expect(target.textContent).toMatch(/\d.* local time/);
  expect(target.textContent).not.toContain(text.looksAlike);
  expect(buttons()).toEqual([text.writeTo, text.close]);
  await vi.waitFor(() => expect(document.activeElement!.textContent).toContain(text.writeTo));
});

test('the local time on the card is updated', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 12, 59, 30) });
  onTestFinished(() => void vi.useRealTimers());
  const { target } = await renderCard(WREN);
  const minutes = () => /:(\d\d).* local time/.exec(target.textContent)![1];
  expect(minutes()).toBe('59');
  vi.advanceTimersByTime(30_000);
  flushSync();
  expect(minutes()).toBe('00');
});

test('Message opens the conversation with the person', async () => {
  const createP2p = vi.fn(() => Promise.resolve('pair'));
  const { app, target, onclose } = await renderCard(WREN, { createP2p });
  const open = vi.spyOn(app, 'open').mockResolvedValue();
  target.querySelector('button')!.click();
  await vi.waitFor(() => expect(open).toHaveBeenCalledWith('pair'));
  expect(createP2p).toHaveBeenCalledWith('wren');
  expect(onclose).toHaveBeenCalled();
});

test('Escape closes the card and returns the focus', async () => {
  const { target, anchor, onclose } = await renderCard(WREN);
  const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  target.querySelector('button')!.dispatchEvent(escape);
  expect(onclose).toHaveBeenCalled();
  expect(document.activeElement).toBe(anchor);
});

test('the open card is updated, and keeps the focus', async () => {
  let current = WREN;
  const { app, target, buttons } = await renderCard(WREN, {
    personCard: () => Promise.resolve(current),
    conversations: () => Promise.resolve([]),
  });
  await vi.waitFor(() => expect(document.activeElement!.textContent).toContain(text.writeTo));
  [...target.querySelectorAll('button')].at(-1)!.focus();
  current = { ...WREN, name: 'Jenny Wren', state: 'deactivated' };
  const unchanged = { statuses: false, pictures: false, choices: false, outbox: false };
  const changed = { account: null, conversations: [], ...unchanged };
  void app.changes.show({ ...changed, everything: true });
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('h2')!.textContent).toBe('Jenny Wren');
  });
  expect(buttons()).toEqual([text.close]);
  expect(document.activeElement!.textContent).toContain(text.close);
});

test('a deactivated person cannot be messaged, and a similar name has a warning', async () => {
  const { target, buttons } = await renderCard({ ...WREN, state: 'deactivated', isAlike: true });
  expect(buttons()).toEqual([text.close]);
  expect(target.textContent).toContain(text.states.deactivated);
  expect(target.textContent).toContain(text.looksAlike);
});

test('the own card leads to the settings, and an unknown person has no card', async () => {
  const { app, target, buttons } = await renderCard({ ...WREN, id: 'me' });
  expect(buttons()).toEqual([text.setStatusMore, text.editProfile, text.close]);
  const [status, profile] = target.querySelectorAll('button');
  status!.click();
  expect(app.dialog).toBe('status');
  profile!.click();
  expect(app.dialog).toBe('settings');
  await renderCard(null);
});
