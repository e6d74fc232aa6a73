import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { Availability, Ipc, PersonStatus } from '../../ipc';
import { formatClock } from '../../lib/format-time';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import Pause from '../account/Pause.svelte';
import PersonAvatar from './PersonAvatar.svelte';
import PersonNow from './PersonNow.svelte';
import PersonSigns from './PersonSigns.svelte';
import PresenceSettings from './PresenceSettings.svelte';
import StatusFields from './StatusFields.svelte';

afterEach(() => void vi.useRealTimers());

/** Returns an app in which this is known of everybody. */
function appWhere(
  state: Availability | null,
  more: { status?: PersonStatus; lastSeenAt?: number; ipc?: Partial<Ipc> } = {},
) {
  const app = appWith(more.ipc ?? {});
  const { status = null, lastSeenAt = null } = more;
  vi.spyOn(app.presence, 'of').mockReturnValue({ id: 'oak', state, lastSeenAt, status });
  app.account = { userId: 'me', username: 'me', server: '', hasPresence: true } as never;
  return app;
}

test('each state has a sign of its own and a word, and who is offline or not known has none', () => {
  const signs = (['online', 'away', 'busy'] as const).map((state) => {
    const app = appWhere(state);
    const dot = mounted(PersonAvatar, { id: 'oak', name: 'Oak' }, app).querySelector('i')!;
    expect(dot.getAttribute('aria-hidden')).toBe('true');
    const words = mounted(PersonSigns, { id: 'oak' }, app).textContent.trim();
    expect(words).toBe(text.availability[state]);
    return dot.className;
  });
  expect(new Set(signs).size).toBe(3);
  for (const state of ['offline', null] as const) {
    const app = appWhere(state);
    expect(mounted(PersonAvatar, { id: 'oak', name: 'Oak' }, app).querySelector('i')).toBeNull();
    expect(mounted(PersonSigns, { id: 'oak' }, app).textContent.trim()).toBe('');
  }
});

test('the card says when a status ends by the clock, once that is within a day', () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 30, 20, 0) });
  const until = new Date(2026, 11, 2, 2, 0).getTime();
  const status = { emoji: '🚆', text: '', until };
  const target = mounted(PersonNow, { id: 'oak' }, appWhere('online', { status }));
  const by = (when: string) => text.statusUntil({ when });
  expect(target.textContent).not.toContain(by(formatClock(until)));
  vi.advanceTimersByTime(6 * 3_600_000);
  flushSync();
  expect(target.textContent).toContain(by(formatClock(until)));
});

test('a status follows the name, with its words, until it ends', () => {
  vi.useFakeTimers();
  const status = { emoji: '🚆', text: 'On the train', until: Date.now() + 60_000 };
  const target = mounted(PersonSigns, { id: 'oak' }, appWhere('online', { status }));
  const sign = target.querySelector('[role=img]')!;
  expect(sign.textContent).toBe('🚆');
  expect(sign.getAttribute('title')).toBe('On the train');
  expect(sign.getAttribute('aria-label')).toBe(text.statusIs({ words: 'On the train' }));
  vi.advanceTimersByTime(61_000);
  flushSync();
  expect(target.querySelector('[role=img]')).toBeNull();
});

test('the card says in words what somebody is doing, and when they were last there', () => {
  const status = { emoji: '🌴', text: 'On holiday' };
  const away = mounted(PersonNow, { id: 'oak' }, appWhere('away', { status }));
  expect(away.textContent).toContain(text.availability.away);
  expect(away.textContent).toContain('On holiday');
  const lastSeenAt = Date.now() - 60_000;
  const gone = mounted(PersonNow, { id: 'oak' }, appWhere('offline', { lastSeenAt }));
  expect(gone.textContent).toContain(text.lastSeen({ when: '' }).trim());
  expect(mounted(PersonNow, { id: 'oak' }, appWhere(null)).textContent.trim()).toBe('');
});

const field = (target: HTMLElement, name: string) =>
  target.querySelector<HTMLInputElement>(`[name=${name}]`)!;
const button = (target: HTMLElement, words: string) =>
  [...target.querySelectorAll('button')].find((one) => one.textContent.includes(words))!;

async function statusFields(status?: PersonStatus) {
  const setProfile = vi.fn<Ipc['setProfile']>(() => Promise.resolve(null));
  const personCard = () => Promise.resolve({ profile: { status } } as never);
  const onenter = vi.fn();
  const app = appWhere(null, { ipc: { setProfile, personCard } });
  const target = mounted(StatusFields, { onenter }, app);
  await vi.waitFor(() => {
    flushSync();
    expect(field(target, 'status').disabled).toBe(false);
  });
  return { target, setProfile, onenter };
}

test('a status is set by typing and Enter, with an emoji in any case', async () => {
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

test('a suggestion sets all of it at once, its end can be changed, and it is cleared', async () => {
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

test('one that has ended is not offered, one that has not keeps its end', async () => {
  const ended = await statusFields({ emoji: '🌴', text: 'On holiday', until: 1 });
  expect(field(ended.target, 'status').value).toBe('');
  const until = Date.now() + 3_600_000;
  const { target, setProfile } = await statusFields({ emoji: '🌴', text: 'Gone', until });
  const input = field(target, 'status');
  expect([input.value, field(target, 'statusEnd').value]).toEqual(['Gone', 'kept']);
  input.value = 'On holiday';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
  const status = { emoji: '🌴', text: 'On holiday', until };
  expect(setProfile).toHaveBeenLastCalledWith({ status });
});

test('who does not show that they are online cannot show when they were', async () => {
  const setSetting = vi.fn<Ipc['setSetting']>(() => Promise.resolve(null));
  const app = appWhere(null, { ipc: { setSetting, personCard: () => Promise.resolve(null) } });
  const target = mounted(PresenceSettings, {}, app);
  expect(field(target, 'tellsPresence').checked).toBe(true);
  expect(field(target, 'tellsLastSeen').checked, 'by choice').toBe(false);
  field(target, 'tellsLastSeen').click();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('tellsLastSeen', null, 'yes'));
  field(target, 'tellsPresence').click();
  flushSync();
  expect(field(target, 'tellsLastSeen').disabled).toBe(true);
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('tellsPresence', null, 'no'));
});

test('not to be disturbed is the pause of notifications', async () => {
  const setSetting = vi.fn<Ipc['setSetting']>(() => Promise.resolve(null));
  const target = mounted(Pause, {}, appWith({ setSetting, setting: () => Promise.resolve('0') }));
  button(target, text.pauses.halfHour).click();
  await vi.waitFor(() => expect(setSetting.mock.lastCall?.[0]).toBe('pausedUntil'));
  flushSync();
  button(target, text.resume).click();
  await vi.waitFor(() => expect(setSetting).toHaveBeenLastCalledWith('pausedUntil', null, '0'));
});
