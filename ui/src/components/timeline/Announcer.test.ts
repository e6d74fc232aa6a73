import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { TimelineItem } from '../../ipc';
import { Timeline } from '../../state/timeline.svelte';
import { appWith, mounted } from '../mounted';
import Announcer from './Announcer.svelte';

afterEach(() => void vi.useRealTimers());

const item = (seq: number) =>
  ({ id: `m${seq}`, seq, sender: 'oak', body: 'yes', files: [] }) as unknown as TimelineItem;

test('all that came within a second is said at once, and what is said again is said again', () => {
  vi.useFakeTimers();
  const app = appWith({});
  const timeline = new Timeline('c', app.ipc);
  const region = mounted(Announcer, { timeline }, app).querySelector('[aria-live]')!;
  const items: TimelineItem[] = [];
  const come = (...seqs: number[]) => {
    items.push(...seqs.map(item));
    timeline.show({ items: [...items], atOldest: true, atNewest: true, missingOlder: false });
    flushSync();
  };
  const after = (ms: number) => (vi.advanceTimersByTime(ms), flushSync());
  come();
  come(1);
  come(2);
  expect(region.textContent).toBe('');
  after(1000);
  expect([...region.children].map((line) => line.textContent)).toEqual(['oak: yes', 'oak: yes']);
  come(3);
  after(1000);
  const [third] = region.children;
  come(4);
  after(1000);
  expect(region.children.length).toBe(1);
  expect(region.children[0]).not.toBe(third);
});
