import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatDay, formatShort } from '../lib/format-time';
import { Clock } from './clock.svelte';

const NIGHT = new Date(2026, 11, 31, 23, 50).getTime();
const MINUTE = 60_000;
/** The text in the list for this time on the next day. */
const NEXT_DAY = formatShort(NIGHT, NIGHT + 60 * MINUTE);

beforeEach(() => void vi.useFakeTimers({ now: NIGHT }));
afterEach(() => void vi.useRealTimers());

/** Returns a list that grows by one each time that the value of `read` is shown again, until the test ends it. */
function shown(read: () => unknown) {
  const all: unknown[] = [];
  const end = $effect.root(() => {
    $effect(() => void all.push(read()));
  });
  flushSync();
  return { all, end };
}

const pass = (ms: number) => (vi.advanceTimersByTime(ms), flushSync());

test('what is shown of a time changes at midnight, once', () => {
  const clock = new Clock();
  const list = shown(() => formatShort(NIGHT, clock.now));
  const divider = shown(() => formatDay(NIGHT, clock.now));
  pass(9 * MINUTE);
  expect([list.all.length, divider.all.length]).toEqual([1, 1]);
  pass(2 * MINUTE);
  expect(list.all[1]).toBe(NEXT_DAY);
  expect(divider.all[1]).toContain('2026');
  pass(60 * MINUTE);
  expect([list.all.length, divider.all.length]).toEqual([2, 2]);
  list.end();
  divider.end();
});

test('what is muted until a moment is so until that moment', () => {
  const clock = new Clock();
  const until = NIGHT + 5 * MINUTE;
  const muted = shown(() => clock.isAhead(until));
  const never = shown(() => clock.isAhead(null));
  pass(5 * MINUTE - 1);
  expect(muted.all).toEqual([true]);
  pass(1);
  expect(muted.all).toEqual([true, false]);
  expect(never.all).toEqual([false, false]);
  muted.end();
  never.end();
});

test('a clock that is shown goes on at each full minute', () => {
  const clock = new Clock();
  vi.setSystemTime(NIGHT + 20_000);
  const { all, end } = shown(() => clock.minute - NIGHT);
  pass(39_999);
  expect(all).toEqual([0]);
  pass(1);
  expect(all).toEqual([0, MINUTE]);
  pass(3 * MINUTE);
  expect(all.at(-1)).toBe(4 * MINUTE);
  end();
});

test('no component shows the time of another clock', () => {
  const sources = import.meta.glob('../**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const reading = Object.entries(sources)
    .filter(([, source]) => /Date\.now\(|new Date\(\)/.test(source))
    .map(([name]) => name.replace('../components/', ''));
  // These read it once, when something is chosen or loaded.
  const once = ['account/Pause', 'conversations/Levels', 'people/StatusFields'];
  expect(reading.sort()).toEqual(once.map((name) => `${name}.svelte`));
});

test('after the machine slept the day is another one soon, though its timers stood still', () => {
  const clock = new Clock();
  const { all, end } = shown(() => formatShort(NIGHT, clock.now));
  vi.setSystemTime(NIGHT + 600 * MINUTE);
  pass(MINUTE);
  expect(all.at(-1)).toBe(NEXT_DAY);
  end();
});

test('whoever comes back to the window sees the day that it is', () => {
  const clock = new Clock();
  const { all, end } = shown(() => formatShort(NIGHT, clock.now));
  vi.setSystemTime(NIGHT + 600 * MINUTE);
  window.dispatchEvent(new Event('focus'));
  flushSync();
  expect(all.at(-1)).toBe(NEXT_DAY);
  end();
});

test('nothing ticks while nobody looks', async () => {
  const clock = new Clock();
  const { end } = shown(() => clock.now);
  expect(vi.getTimerCount()).toBe(1);
  end();
  await Promise.resolve();
  expect(vi.getTimerCount()).toBe(0);
  pass(60 * MINUTE);
  expect(clock.now).toBe(Date.now());
});
