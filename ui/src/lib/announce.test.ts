import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { Announcements } from './announce';

const item = (seq: number | null, body = `line ${seq}`, more: Partial<TimelineItem> = {}) =>
  ({ seq, body, files: [], sender: 'oak', own: false, deleted: false, ...more }) as TimelineItem;

const seen = (items: TimelineItem[], atNewest = true, lastSeq = items.at(-1)?.seq ?? 0) => ({
  items,
  atNewest,
  lastSeq,
});

test('each message of a few that come at once is told, and each once', () => {
  const announcements = new Announcements();
  const all = [item(1), item(2)];
  expect(announcements.of(seen(all))).toEqual([]);
  const more = [...all, item(3, 'one'), item(4, '/me waves', { sender: 'lark' })];
  expect(announcements.of(seen(more))).toEqual(['oak: one', 'lark waves']);
  expect(announcements.of(seen(more))).toEqual([]);
});

test('the first message of a conversation is told', () => {
  const announcements = new Announcements();
  expect(announcements.of(seen([]))).toEqual([]);
  expect(announcements.of(seen([item(1, 'hello')]))).toEqual(['oak: hello']);
});

test('the same words are told again when they are said again', () => {
  const announcements = new Announcements();
  const all = [item(1)];
  announcements.of(seen(all));
  for (const seq of [2, 3]) {
    all.push(item(seq, 'yes'));
    expect(announcements.of(seen(all))).toEqual(['oak: yes']);
  }
});

test('of many that come at once the number is told', () => {
  const announcements = new Announcements();
  announcements.of(seen([item(1)]));
  const many = [2, 3, 4, 5].map((seq) => item(seq));
  expect(announcements.of(seen([item(1), ...many]))).toEqual(['4 new messages']);
  // Most of these messages are not among the loaded items.
  expect(announcements.of(seen([item(400)]))).toEqual(['395 new messages']);
});

test('what comes while one reads far back is counted, and not told again on the way down', () => {
  const announcements = new Announcements();
  const back = [item(10)];
  expect(announcements.of(seen(back, false, 50))).toEqual([]);
  expect(announcements.of(seen(back, false, 51))).toEqual(['1 new message']);
  expect(announcements.of(seen([item(50), item(51)]))).toEqual([]);
});

test('nothing is told of what one writes oneself, waits, or was deleted', () => {
  const announcements = new Announcements();
  announcements.of(seen([item(1)]));
  const own = item(2, 'mine', { own: true });
  const gone = item(3, '', { deleted: true });
  expect(announcements.of(seen([item(1), own, gone, item(null, 'waits')]))).toEqual([]);
});
