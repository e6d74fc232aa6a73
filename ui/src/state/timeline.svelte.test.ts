import { afterEach, expect, test, vi } from 'vitest';
import type { Position, TimelineItem, TimelinePage } from '../ipc';
import { Timeline } from './timeline.svelte';

afterEach(() => void vi.useRealTimers());

const item = (seq: number | null, id = `m${seq}`): TimelineItem => ({
  id,
  seq,
  senderId: 'u',
  sender: 'wren',
  own: seq === null,
  body: `body ${seq}`,
  blocks: null,
  sentAt: seq ?? 9999,
  edited: false,
  deleted: false,
  replyTo: null,
  mentions: [],
  mentionsMe: false,
  files: [],
  reactions: [],
  pinned: false,
  saved: false,
  delivery: { state: seq === null ? 'waiting' : 'sent' },
});

/** Returns fake commands for a conversation with `last` messages. */
function fakeIpc(last: number) {
  const waiting: TimelineItem[] = [];
  const page = (from: number, to: number): TimelinePage => {
    const [low, high] = [Math.max(from, 1), Math.min(to, last)];
    const items = Array.from({ length: high - low + 1 }, (_, index) => item(low + index));
    const atNewest = high >= last;
    return {
      items: atNewest ? [...items, ...waiting] : items,
      atOldest: low <= 1,
      atNewest,
      missingOlder: false,
    };
  };
  return {
    waiting,
    grow: () => ++last,
    timeline: async (_: string, position: Position, limit: number) => {
      if (position.at === 'newest') return page(last - limit + 1, last);
      if (position.at === 'before') return page(position.seq - limit, position.seq - 1);
      if (position.at === 'after') return page(position.seq + 1, position.seq + limit);
      return page(position.seq - limit / 2 + 1, position.seq + limit / 2);
    },
    fetchOlder: async () => null,
    sendMessage: async (_: string, id: string) => {
      waiting.push(item(null, id));
      return item(null, id);
    },
  };
}

const seqs = (timeline: Timeline) => timeline.items.map(({ seq }) => seq);

test('scrolling up loads older messages and drops the newest, and scrolling down loads them again', async () => {
  const timeline = new Timeline('c', fakeIpc(1000));
  await timeline.open(0);
  for (let page = 0; page < 25; page++) await timeline.loadOlder();
  expect(seqs(timeline).length).toBe(timeline.limit);
  expect(seqs(timeline)[0]).toBe(671);
  expect(timeline.atNewest).toBe(false);
  for (let page = 0; page < 18; page++) await timeline.loadNewer();
  expect(seqs(timeline).at(-1)).toBe(1000);
  expect(timeline.atNewest).toBe(true);
});

test('a taller window keeps more messages loaded', async () => {
  const timeline = new Timeline('c', fakeIpc(1000));
  await timeline.open(0);
  timeline.limit = 300;
  for (let page = 0; page < 25; page++) await timeline.loadOlder();
  expect(seqs(timeline).length).toBe(300);
});

test('typing is painted before new messages are rendered', async () => {
  vi.useFakeTimers();
  const conversation = fakeIpc(3);
  const timeline = new Timeline('c', conversation);
  await timeline.open(0);
  conversation.grow();
  window.dispatchEvent(new Event('input'));
  void timeline.refresh();
  await vi.advanceTimersByTimeAsync(1);
  expect(seqs(timeline)).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(50);
  expect(seqs(timeline)).toEqual([1, 2, 3, 4]);
});

test('a sent message is one row from the moment it is sent', async () => {
  const conversation = fakeIpc(3);
  const timeline = new Timeline('c', conversation);
  await timeline.open(0);
  await timeline.send('mine', { body: 'hello', replyTo: null, files: [] });
  await timeline.refresh();
  expect(timeline.items.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3', 'mine']);
  expect(timeline.lastOwn()?.id).toBe('mine');
});

test('a late response does not replace that of a newer request', async () => {
  const conversation = fakeIpc(100);
  const pending: (() => void)[] = [];
  const timeline = new Timeline('c', {
    ...conversation,
    timeline: async (...args) => {
      const page = await conversation.timeline(...args);
      await new Promise<void>((resolve) => pending.push(resolve));
      return page;
    },
  });
  const first = timeline.open(0);
  const second = timeline.jumpTo(50);
  await Promise.resolve().then(() => {});
  await new Promise((resolve) => setTimeout(resolve));
  pending[1]!();
  pending[0]!();
  await Promise.all([first, second]);
  expect(seqs(timeline)).toContain(50);
  expect(timeline.atNewest).toBe(false);
});

test('with many unread messages it opens at the first unread one', async () => {
  const timeline = new Timeline('c', fakeIpc(1000), 400);
  await timeline.open(601);
  expect(seqs(timeline)).toContain(400);
});

test('while older messages are not on this device, the rows stay and they are requested once', async () => {
  const conversation = fakeIpc(70);
  let reads = 0;
  let fetched = 0;
  const timeline = new Timeline('c', {
    ...conversation,
    fetchOlder: async () => {
      fetched++;
      return null;
    },
    timeline: async (id, position, limit) => {
      reads++;
      const page = await conversation.timeline(id, position, limit);
      const items = page.items.filter(({ seq }) => seq !== null && seq > 40);
      return { ...page, items, atOldest: false, missingOlder: true };
    },
  });
  await timeline.open(0);
  const before = timeline.items;
  await timeline.loadOlder();
  expect(timeline.items).toBe(before);
  expect(timeline.missingOlder).toBe(true);
  expect(reads).toBe(2);
  // The missing messages were requested when the user scrolled there.
  expect(fetched).toBe(1);
});

test('a refresh during a jump does not cancel it', async () => {
  const conversation = fakeIpc(1000);
  const timeline = new Timeline('c', conversation);
  await timeline.open(0);
  const jump = timeline.jumpTo(500);
  conversation.grow();
  await Promise.all([timeline.refresh(), jump]);
  expect(seqs(timeline)).toContain(500);
  expect(timeline.target).toBe(500);
  expect(timeline.atNewest).toBe(false);
});

test('a refresh while older messages load does not lose them', async () => {
  const conversation = fakeIpc(1000);
  const timeline = new Timeline('c', conversation);
  await timeline.open(0);
  for (let page = 0; page < 3; page++) await timeline.loadOlder();
  const older = timeline.loadOlder();
  conversation.grow();
  await Promise.all([timeline.refresh(), older]);
  expect(seqs(timeline)[0]).toBeLessThan(924);
  expect(seqs(timeline).at(-1)).toBe(1001);
});

test('a refresh keeps the objects of unchanged messages', async () => {
  const source = fakeIpc(1000);
  const timeline = new Timeline('c', source);
  await timeline.open(0);
  const before = timeline.items.at(-1)!;
  source.grow();
  await timeline.refresh();
  expect(timeline.items.at(-2)).toBe(before);
  expect(timeline.items.at(-1)?.seq).toBe(1001);
});
