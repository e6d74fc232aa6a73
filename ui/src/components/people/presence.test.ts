import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { Availability, Ipc, PersonStatus } from '../../ipc';
import { formatClock } from '../../lib/format-time';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import Pause from '../account/Pause.svelte';
import PersonAvatar from './PersonAvatar.svelte';
import PersonPresence from './PersonPresence.svelte';
import PersonBadges from './PersonBadges.svelte';
import PresenceSettings from './PresenceSettings.svelte';
import StatusFields from './StatusFields.svelte';

afterEach(() => void vi.useRealTimers());

/** Creates an app in which everybody has this presence. */
function appWithPresence(
  state: Availability | null,
  more: { status?: PersonStatus; lastSeenAt?: number; ipc?: Partial<Ipc> } = {},
) {
  const app = createApp(more.ipc ?? {});
  const { status = null, lastSeenAt = null } = more;
  vi.spyOn(app.presence, 'of').mockReturnValue({ id: 'oak', state, lastSeenAt, status });
  app.account = { userId: 'me', username: 'me', server: '', hasPresence: true } as never;
  return app;
}

test('online, away and busy each have a badge and a text; offline and unknown have none', () => {
  const classNames = (['online', 'away', 'busy'] as const).map((state) => {
    const app = appWithPresence(state);
    const dot = render(PersonAvatar, { id: 'oak', name: 'Oak' }, app).querySelector('i')!;
    expect(dot.getAttribute('aria-hidden')).toBe('true');
    const words = render(PersonBadges, { id: 'oak' }, app).textContent.trim();
    expect(words).toBe(text.availability[state]);
    return dot.className;
  });
  expect(new Set(classNames).size).toBe(3);
  for (const state of ['offline', null] as const) {
    const app = appWithPresence(state);
    expect(render(PersonAvatar, { id: 'oak', name: 'Oak' }, app).querySelector('i')).toBeNull();
    expect(render(PersonBadges, { id: 'oak' }, app).textContent.trim()).toBe('');
  }
});

test('the card shows the clock time of a status’s end once it is within a day', () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 30, 20, 0) });
  const until = new Date(2026, 11, 2, 2, 0).getTime();
  const status = { emoji: '🚆', text: '', until };
  const target = render(PersonPresence, { id: 'oak' }, appWithPresence('online', { status }));
  const untilText = (when: string) => text.statusUntil({ when });
  expect(target.textContent).not.toContain(untilText(formatClock(until)));
  vi.advanceTimersByTime(6 * 3_600_000);
  flushSync();
  expect(target.textContent).toContain(untilText(formatClock(until)));
});

test('the card shows a status and a presence with times that no date can be, without these times', () => {
  for (const time of [8.64e15 + 1, 2 ** 63]) {
    const status = { emoji: '👍', text: 'x', until: time };
    const target = render(PersonPresence, { id: 'oak' }, appWithPresence('online', { status }));
    expect(target.textContent).toContain('x');
    expect(target.textContent).not.toContain(text.statusUntil({ when: '' }).trim());
    const app = appWithPresence('offline', { lastSeenAt: time });
    expect(render(PersonPresence, { id: 'oak' }, app).textContent.trim()).toBe(
      text.availability.offline,
    );
  }
});

test('a status is shown after the name until it ends', () => {
  vi.useFakeTimers();
  const status = { emoji: '🚆', text: 'On the train', until: Date.now() + 60_000 };
  const target = render(PersonBadges, { id: 'oak' }, appWithPresence('online', { status }));
  const badge = target.querySelector('[role=img]')!;
  expect(badge.textContent).toBe('🚆');
  expect(badge.getAttribute('title')).toBe('On the train');
  expect(badge.getAttribute('aria-label')).toBe(text.statusIs({ words: 'On the train' }));
  vi.advanceTimersByTime(61_000);
  flushSync();
  expect(target.querySelector('[role=img]')).toBeNull();
});

test('the card shows presence, status and last seen time as text', () => {
  const status = { emoji: '🌴', text: 'On holiday' };
  const away = render(PersonPresence, { id: 'oak' }, appWithPresence('away', { status }));
  expect(away.textContent).toContain(text.availability.away);
  expect(away.textContent).toContain('On holiday');
  const lastSeenAt = Date.now() - 60_000;
  const offline = render(PersonPresence, { id: 'oak' }, appWithPresence('offline', { lastSeenAt }));
  expect(offline.textContent).toContain(text.lastSeen({ when: '' }).trim());
  expect(render(PersonPresence, { id: 'oak' }, appWithPresence(null)).textContent.trim()).toBe('');
});

const field = (target: HTMLElement, name: string) =>
  target.querySelector<HTMLInputElement>(`[name=${name}]`)!;
const button = (target: HTMLElement, words: string) =>
  [...target.querySelectorAll('button')].find((button) => button.textContent.includes(words))!;

async function statusFields(status?: PersonStatus) {
  const setProfile = vi.fn<Ipc['setProfile']>(() => Promise.resolve(null));
  const personCard = () => Promise.resolve({ profile: { status } } as never);
  const onenter = vi.fn();
  const app = appWithPresence(null, { ipc: { setProfile, personCard } });
  const target = render(StatusFields, { onenter }, app);
  await vi.waitFor(() => {
    flushSync();
    expect(field(target, 'status').disabled).toBe(false);
  });
  return { target, setProfile, onenter };
}

test('a status is set by typing and Enter, with a default emoji', async () => {
  const { target, setProfile, onenter } = await statusFields();
  const input = field(target, 'status');
  input.focus();
  input.value = 'Writing';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
  const status = { emoji: '💬', text: 'Writing', until: null };
  expect(setProfile).toHaveBeenLastCalledWith({ status });
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(onenter).toHaveBeenCalled();
});

test('a suggestion sets text, emoji and end, which can be changed and cleared', async () => {
  const { target, setProfile } = await statusFields();
  button(target, text.statuses.meeting).click();
  flushSync();
  const last = () => setProfile.mock.lastCall![0].status!;
  expect(last()).toMatchObject({ emoji: '🗓️', text: text.statuses.meeting });
  expect(last().until! - Date.now()).toBeGreaterThan(59 * 60_000);
  const end = field(target, 'statusEnd');
  end.value = 'never';
  end.dispatchEvent(new Event('change', { bubbles: true }));
  flushSync();
  expect(last().until).toBeNull();
  button(target, text.clearStatus).click();
  expect(last()).toEqual({ emoji: '', text: '', until: null });
});

test('an expired status is not shown, and another keeps its end', async () => {
  const ended = await statusFields({ emoji: '🌴', text: 'On holiday', until: 1 });
  expect(field(ended.target, 'status').value).toBe('');
  const until = Date.now() + 3_600_000;
  const { target, setProfile } = await statusFields({ emoji: '🌴', text: 'Gone', until });
  const input = field(target, 'status');
  expect([input.value, field(target, 'statusEnd').value]).toEqual(['Gone', 'stored']);
  input.value = 'On holiday';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
  const status = { emoji: '🌴', text: 'On holiday', until };
  expect(setProfile).toHaveBeenLastCalledWith({ status });
});

test('without sharing presence, last seen cannot be shared', async () => {
  const setSetting = vi.fn<Ipc['setSetting']>(() => Promise.resolve(null));
  const app = appWithPresence(null, {
    ipc: { setSetting, personCard: () => Promise.resolve(null) },
  });
  const target = render(PresenceSettings, {}, app);
  expect(field(target, 'sharesPresence').checked).toBe(true);
  expect(field(target, 'sharesLastSeen').checked, 'by choice').toBe(false);
  field(target, 'sharesLastSeen').click();
  await vi.waitFor(() =>
    expect(setSetting).toHaveBeenLastCalledWith('sharesLastSeen', null, 'yes'),
  );
  field(target, 'sharesPresence').click();
  flushSync();
  expect(field(target, 'sharesLastSeen').disabled).toBe(true);
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('sharesPresence', null, 'no'));
});

test('“Do not disturb” is the pause of notifications', async () => {
  const setSetting = vi.fn<Ipc['setSetting']>(() => Promise.resolve(null));
  const target = render(Pause, {}, createApp({ setSetting, setting: () => Promise.resolve('0') }));
  button(target, text.pauseOptions.halfHour).click();
  await vi.waitFor(() => expect(setSetting.mock.lastCall?.[0]).toBe('pausedUntil'));
  flushSync();
  button(target, text.resume).click();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('pausedUntil', null, '0'));
});
