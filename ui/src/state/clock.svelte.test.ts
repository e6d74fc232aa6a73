import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatDay, formatShort } from '../lib/format-time';
import { Clock } from './clock.svelte';

const BEFORE_MIDNIGHT = new Date(2026, 11, 31, 23, 50).getTime();
const MINUTE = 60_000;
/** The text in the list for this time on the next day. */
const NEXT_DAY = formatShort(BEFORE_MIDNIGHT, BEFORE_MIDNIGHT + 60 * MINUTE);

beforeEach(() => void vi.useFakeTimers({ now: BEFORE_MIDNIGHT }));
afterEach(() => void vi.useRealTimers());

/** Returns a list of all values of `read` over time, and a function that stops it. */
function observe(read: () => unknown) {
  const values: unknown[] = [];
  const stop = $effect.root(() => {
    $effect(() => void values.push(read()));
  });
  flushSync();
  return { values, stop };
}

const advance = (ms: number) => (vi.advanceTimersByTime(ms), flushSync());

test('a formatted time changes once, at midnight', () => {
  const clock = new Clock();
  const list = observe(() => formatShort(BEFORE_MIDNIGHT, clock.now));
  const divider = observe(() => formatDay(BEFORE_MIDNIGHT, clock.now));
  advance(9 * MINUTE);
  expect([list.values.length, divider.values.length]).toEqual([1, 1]);
  advance(2 * MINUTE);
  expect(list.values[1]).toBe(NEXT_DAY);
  expect(divider.values[1]).toContain('2026');
  advance(60 * MINUTE);
  expect([list.values.length, divider.values.length]).toEqual([2, 2]);
  list.stop();
  divider.stop();
});

test('isAhead changes exactly at its moment', () => {
  const clock = new Clock();
  const until = BEFORE_MIDNIGHT + 5 * MINUTE;
  const muted = observe(() => clock.isAhead(until));
  const never = observe(() => clock.isAhead(null));
  advance(5 * MINUTE - 1);
  expect(muted.values).toEqual([true]);
  advance(1);
  expect(muted.values).toEqual([true, false]);
  expect(never.values).toEqual([false, false]);
  muted.stop();
  never.stop();
});

test('a shown minute changes at each full minute', () => {
  const clock = new Clock();
  vi.setSystemTime(BEFORE_MIDNIGHT + 20_000);
  const { values, stop } = observe(() => clock.minute - BEFORE_MIDNIGHT);
  advance(39_999);
  expect(values).toEqual([0]);
  advance(1);
  expect(values).toEqual([0, MINUTE]);
  advance(3 * MINUTE);
  expect(values.at(-1)).toBe(4 * MINUTE);
  stop();
});

test('no component reads another clock', () => {
  const sources = import.meta.glob('../**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const reading = Object.entries(sources)
    .filter(([, source]) => /Date\.now\(|new Date\(\)/.test(source))
    .map(([name]) => name.replace('../components/', ''));
  // These read the time once, when something is chosen or loaded.
  const allowed = ['account/Pause', 'conversations/NotificationLevels', 'people/StatusFields'];
  expect(reading.sort()).toEqual(allowed.map((name) => `${name}.svelte`));
});

test('the day changes soon after the computer wakes up', () => {
  const clock = new Clock();
  const { values, stop } = observe(() => formatShort(BEFORE_MIDNIGHT, clock.now));
  vi.setSystemTime(BEFORE_MIDNIGHT + 600 * MINUTE);
  advance(MINUTE);
  expect(values.at(-1)).toBe(NEXT_DAY);
  stop();
});

test('the day is updated when the window gets the focus', () => {
  const clock = new Clock();
  const { values, stop } = observe(() => formatShort(BEFORE_MIDNIGHT, clock.now));
  vi.setSystemTime(BEFORE_MIDNIGHT + 600 * MINUTE);
  window.dispatchEvent(new Event('focus'));
  flushSync();
  expect(values.at(-1)).toBe(NEXT_DAY);
  stop();
});

test('no timer runs without readers', async () => {
  const clock = new Clock();
  const { stop } = observe(() => clock.now);
  expect(vi.getTimerCount()).toBe(1);
  stop();
  await Promise.resolve();
  expect(vi.getTimerCount()).toBe(0);
  advance(60 * MINUTE);
  expect(clock.now).toBe(Date.now());
});
