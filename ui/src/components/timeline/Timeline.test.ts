import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { ConversationSummary, TimelineItem } from '../../ipc';
import { Timeline as TimelineState } from '../../state/timeline.svelte';
import { createApp, render } from '../render';
import Timeline from './Timeline.svelte';

afterEach(() => vi.restoreAllMocks());

const item = (seq: number) =>
  ({
    id: `m${seq}`,
    seq,
    senderId: 'oak',
    sender: 'oak',
    body: `line ${seq}`,
    blocks: null,
    sentAt: seq,
    mentions: [],
    reactions: [],
    files: [],
    replyTo: null,
    delivery: { state: 'sent' },
  }) as unknown as TimelineItem;

test('messages that arrive while the window has no focus are marked as read once it has', async () => {
  let hasFocus = true;
  vi.spyOn(document, 'hasFocus').mockImplementation(() => hasFocus);
  const read: number[] = [];
  const app = createApp({ markRead: async (_, seq) => (read.push(seq), null) });
  const row = (unread: number, lastSeq: number) =>
    ({ id: 'c', kind: 'group', unread, lastSeq }) as unknown as ConversationSummary;
  const timeline = new TimelineState('c', app.ipc);
  const show = (seq: number) => {
    const items = [item(1), item(seq)];
    timeline.show({ items, atOldest: true, atNewest: true, missingOlder: false });
    app.conversations = [row(1, seq)];
    flushSync();
  };
  app.timeline = timeline;
  show(2);
  render(Timeline, { timeline, title: 'workshop' }, app);
  expect(read).toContain(2);

  read.length = 0;
  hasFocus = false;
  window.dispatchEvent(new Event('blur'));
  show(3);
  expect(read).toEqual([]);

  hasFocus = true;
  window.dispatchEvent(new Event('focus'));
  await vi.waitFor(() => expect(read).toEqual([3]));
});
