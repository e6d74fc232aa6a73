import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whenAway, whenBack, whenUnused } from './away';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the callback is called after the chosen minutes without input, and not before', () => {
  let times = 0;
  const stop = whenAway(
    () => 1,
    () => times++,
  );
  vi.advanceTimersByTime(50_000);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  vi.advanceTimersByTime(50_000);
  expect(times).toBe(0);
  vi.advanceTimersByTime(15_000);
  expect(times).toBeGreaterThan(0);
  stop();
});

test('a computer that was asleep counts as away', () => {
  let times = 0;
  const stop = whenAway(
    () => 30,
    () => times++,
  );
  vi.advanceTimersByTime(5000);
  vi.setSystemTime(Date.now() + 120_000);
  vi.advanceTimersByTime(5000);
  expect(times).toBe(1);
  stop();
});

test('zero minutes switch it off', () => {
  let times = 0;
  const stop = whenAway(
    () => 0,
    () => times++,
  );
  vi.advanceTimersByTime(3_600_000);
  expect(times).toBe(0);
  stop();
});

test('connections are checked after a long absence, and not after a short one', () => {
  let times = 0;
  const stop = whenBack(() => times++);
  const leaveFor = (ms: number) => {
    window.dispatchEvent(new Event('blur'));
    vi.advanceTimersByTime(ms);
    window.dispatchEvent(new Event('focus'));
  };
  leaveFor(30_000);
  expect(times).toBe(0);
  leaveFor(60_000);
  expect(times).toBe(1);
  window.dispatchEvent(new Event('online'));
  expect(times).toBe(2);
  vi.setSystemTime(Date.now() + 120_000);
  vi.advanceTimersByTime(5000);
  expect(times).toBe(3);
  stop();
  window.dispatchEvent(new Event('online'));
  expect(times).toBe(3);
});

test('a window without input for ten minutes is reported as unused, and at the next input as used', () => {
  const reported: boolean[] = [];
  const stop = whenUnused((isUsed) => reported.push(isUsed));
  vi.advanceTimersByTime(599_000);
  window.dispatchEvent(new Event('pointermove'));
  vi.advanceTimersByTime(599_000);
  expect(reported).toEqual([]);
  vi.advanceTimersByTime(3_600_000);
  expect(reported).toEqual([false]);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  expect(reported).toEqual([false, true]);
  stop();
});

test('the first use of the window is noticed, and nothing before it', async () => {
  vi.resetModules();
  const { firstUse } = await import('./away');
  let isUsed = false;
  void firstUse.then(() => (isUsed = true));
  window.dispatchEvent(new Event('focus'));
  await Promise.resolve();
  expect(isUsed).toBe(false);
  window.dispatchEvent(new Event('pointermove'));
  await Promise.resolve();
  expect(isUsed).toBe(true);
});
