import { flushSync } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ipc, PersonCard as Card } from '../../ipc';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import ProfileCard from './ProfileCard.svelte';

const WREN: Card = {
  ...{ id: 'wren', username: 'wren', name: 'Wren Okafor', role: 'administrator' },
  ...{ state: 'active', isAlike: false },
  profile: {
    ...{ displayName: 'Wren Okafor', about: 'Runtime.\nAsk me.' },
    timeZone: 'Pacific/Kiritimati',
  },
};

async function card(person: Card | null, ipc: Partial<Ipc> = {}) {
  const app = appWith({ personCard: () => Promise.resolve(person), ...ipc });
  app.account = { userId: 'me', username: 'me', server: '' } as typeof app.account;
  const place = document.body.appendChild(document.createElement('button'));
  const onclose = vi.fn();
  const target = mounted(ProfileCard, { id: person?.id ?? 'x', place, onclose }, app);
  await vi.waitFor(() => {
    flushSync();
    if (person) expect(target.querySelector('h2')).not.toBeNull();
    else expect(onclose).toHaveBeenCalled();
  });
  const buttons = () => [...target.querySelectorAll('button')].map((one) => one.textContent.trim());
  return { app, target, place, onclose, buttons };
}

test('the card is named after the person, and says what they tell', async () => {
  const { target, buttons } = await card(WREN);
  const dialog = target.querySelector('[role=dialog]')!;
  const name = document.getElementById(dialog.getAttribute('aria-labelledby')!);
  expect(name!.textContent).toBe('Wren Okafor');
  for (const told of ['@wren', 'Runtime.', text.roles.administrator])
    expect(target.textContent).toContain(told);
  expect(target.textContent).toMatch(/\d.* local time/);
  expect(target.textContent).not.toContain(text.looksAlike);
  expect(buttons()).toEqual([text.writeTo, text.close]);
  await vi.waitFor(() => expect(document.activeElement!.textContent).toContain(text.writeTo));
});

test('the local time on the card goes on', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 12, 59, 30) });
  onTestFinished(() => void vi.useRealTimers());
  const { target } = await card(WREN);
  const minutes = () => /:(\d\d).* local time/.exec(target.textContent)![1];
  expect(minutes()).toBe('59');
  vi.advanceTimersByTime(30_000);
  flushSync();
  expect(minutes()).toBe('00');
});

test('Message opens the conversation with the person', async () => {
  const createP2p = vi.fn(() => Promise.resolve('pair'));
  const { app, target, onclose } = await card(WREN, { createP2p });
  const open = vi.spyOn(app, 'open').mockResolvedValue();
  target.querySelector('button')!.click();
  await vi.waitFor(() => expect(open).toHaveBeenCalledWith('pair'));
  expect(createP2p).toHaveBeenCalledWith('wren');
  expect(onclose).toHaveBeenCalled();
});

test('Escape closes it, and the focus is where it was', async () => {
  const { target, place, onclose } = await card(WREN);
  const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  target.querySelector('button')!.dispatchEvent(escape);
  expect(onclose).toHaveBeenCalled();
  expect(document.activeElement).toBe(place);
});

test('it follows what changes while it is open, and keeps the focus where it is', async () => {
  let now = WREN;
  const { app, target, buttons } = await card(WREN, {
    personCard: () => Promise.resolve(now),
    conversations: () => Promise.resolve([]),
  });
  await vi.waitFor(() => expect(document.activeElement!.textContent).toContain(text.writeTo));
  [...target.querySelectorAll('button')].at(-1)!.focus();
  now = { ...WREN, name: 'Jenny Wren', state: 'deactivated' };
  const quiet = { statuses: false, pictures: false, choices: false, outbox: false };
  const changed = { account: null, conversations: [], ...quiet };
  void app.changes.show({ ...changed, everything: true });
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('h2')!.textContent).toBe('Jenny Wren');
  });
  expect(buttons()).toEqual([text.close]);
  expect(document.activeElement!.textContent).toContain(text.close);
});

test('nobody begins to write to one who cannot sign in, and a name like another is marked', async () => {
  const { target, buttons } = await card({ ...WREN, state: 'deactivated', isAlike: true });
  expect(buttons()).toEqual([text.close]);
  expect(target.textContent).toContain(text.states.deactivated);
  expect(target.textContent).toContain(text.looksAlike);
});

test('one’s own leads to the settings, and of a stranger there is none', async () => {
  const { app, target, buttons } = await card({ ...WREN, id: 'me' });
  expect(buttons()).toEqual([text.setStatusMore, text.editProfile, text.close]);
  const [status, profile] = target.querySelectorAll('button');
  status!.click();
  expect(app.dialog).toBe('status');
  profile!.click();
  expect(app.dialog).toBe('settings');
  await card(null);
});
