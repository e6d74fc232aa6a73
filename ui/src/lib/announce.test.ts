import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { Announcements } from './announce';

const item = (seq: number | null, body = `line ${seq}`, more: Partial<TimelineItem> = {}) =>
  ({ seq, body, files: [], sender: 'oak', own: false, deleted: false, ...more }) as TimelineItem;

const loaded = (items: TimelineItem[], atNewest = true, lastSeq = items.at(-1)?.seq ?? 0) => ({
  items,
  atNewest,
  lastSeq,
});

test('a few messages that arrive together are announced one by one, and only once', () => {
  const announcements = new Announcements();
  const all = [item(1), item(2)];
  expect(announcements.of(loaded(all))).toEqual([]);
  const more = [...all, item(3, 'one'), item(4, '/me waves', { sender: 'lark' })];
  expect(announcements.of(loaded(more))).toEqual(['oak: one', 'lark waves']);
  expect(announcements.of(loaded(more))).toEqual([]);
});

test('the first message of a conversation is announced', () => {
  const announcements = new Announcements();
  expect(announcements.of(loaded([]))).toEqual([]);
  expect(announcements.of(loaded([item(1, 'hello')]))).toEqual(['oak: hello']);
});

test('a message with the same text as the previous one is announced too', () => {
  const announcements = new Announcements();
  const all = [item(1)];
  announcements.of(loaded(all));
  for (const seq of [2, 3]) {
    all.push(item(seq, 'yes'));
    expect(announcements.of(loaded(all))).toEqual(['oak: yes']);
  }
});

test('of many messages that arrive together only the number is announced', () => {
  const announcements = new Announcements();
  announcements.of(loaded([item(1)]));
  const many = [2, 3, 4, 5].map((seq) => item(seq));
  expect(announcements.of(loaded([item(1), ...many]))).toEqual(['4 new messages']);
  // Most of these messages are not among the loaded items.
  expect(announcements.of(loaded([item(400)]))).toEqual(['395 new messages']);
});

test('messages that arrive while older ones are shown are counted, and not announced again later', () => {
  const announcements = new Announcements();
  const back = [item(10)];
  expect(announcements.of(loaded(back, false, 50))).toEqual([]);
  expect(announcements.of(loaded(back, false, 51))).toEqual(['1 new message']);
  expect(announcements.of(loaded([item(50), item(51)]))).toEqual([]);
});

test('own, waiting and deleted messages are not announced', () => {
  const announcements = new Announcements();
  announcements.of(loaded([item(1)]));
  const own = item(2, 'mine', { own: true });
  const deleted = item(3, '', { deleted: true });
  expect(announcements.of(loaded([item(1), own, deleted, item(null, 'waits')]))).toEqual([]);
});
