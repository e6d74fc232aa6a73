import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { TimelineItem } from '../../ipc';
import { Timeline } from '../../state/timeline.svelte';
import { createApp, render } from '../render';
import Announcer from './Announcer.svelte';

afterEach(() => void vi.useRealTimers());

const item = (seq: number) =>
  ({ id: `m${seq}`, seq, sender: 'oak', body: 'yes', files: [] }) as unknown as TimelineItem;

test('messages within a second are announced together, and equal texts are announced again', () => {
  vi.useFakeTimers();
  const app = createApp({});
  const timeline = new Timeline('c', app.ipc);
  const region = render(Announcer, { timeline }, app).querySelector('[aria-live]')!;
  const items: TimelineItem[] = [];
  const receive = (...seqs: number[]) => {
    items.push(...seqs.map(item));
    timeline.show({ items: [...items], atOldest: true, atNewest: true, missingOlder: false });
    flushSync();
  };
  const advance = (ms: number) => (vi.advanceTimersByTime(ms), flushSync());
  receive();
  receive(1);
  receive(2);
  expect(region.textContent).toBe('');
  advance(1000);
  expect([...region.children].map((line) => line.textContent)).toEqual(['oak: yes', 'oak: yes']);
  receive(3);
  advance(1000);
  const [third] = region.children;
  receive(4);
  advance(1000);
  expect(region.children.length).toBe(1);
  expect(region.children[0]).not.toBe(third);
});
