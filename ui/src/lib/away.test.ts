import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whenAway, whenBack, whenUnused } from './away';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('who touches nothing for so long is away, and not before', () => {
  let times = 0;
  const end = whenAway(
    () => 1,
    () => times++,
  );
  vi.advanceTimersByTime(50_000);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  vi.advanceTimersByTime(50_000);
  expect(times).toBe(0);
  vi.advanceTimersByTime(15_000);
  expect(times).toBeGreaterThan(0);
  end();
});

test('a machine that slept was left', () => {
  let times = 0;
  const end = whenAway(
    () => 30,
    () => times++,
  );
  vi.advanceTimersByTime(5000);
  vi.setSystemTime(Date.now() + 120_000);
  vi.advanceTimersByTime(5000);
  expect(times).toBe(1);
  end();
});

test('nobody who did not ask for it is locked out', () => {
  let times = 0;
  const end = whenAway(
    () => 0,
    () => times++,
  );
  vi.advanceTimersByTime(3_600_000);
  expect(times).toBe(0);
  end();
});

test('what was connected is tried when one is back, and not for a glance elsewhere', () => {
  let times = 0;
  const end = whenBack(() => times++);
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
  end();
  window.dispatchEvent(new Event('online'));
  expect(times).toBe(3);
});

test('a window that nobody uses for ten minutes is said to be unused, and at once to be used again', () => {
  const told: boolean[] = [];
  const end = whenUnused((isUsed) => told.push(isUsed));
  vi.advanceTimersByTime(599_000);
  window.dispatchEvent(new Event('pointermove'));
  vi.advanceTimersByTime(599_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(3_600_000);
  expect(told).toEqual([false]);
  window.dispatchEvent(new KeyboardEvent('keydown'));
  expect(told).toEqual([false, true]);
  end();
});
