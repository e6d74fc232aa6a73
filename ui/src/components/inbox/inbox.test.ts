import axe from 'axe-core';
import '../../styles/base.css';
import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ActivityEntry, ConversationSummary, Ipc, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import Activity from './Activity.svelte';
import Unread from './Unread.svelte';

const row = (id: string, more: Partial<ConversationSummary> = {}) =>
  ({
    ...{ id, kind: 'group', title: id, unread: 2, mentions: 0, activeAt: 1, lastSeq: 9 },
    ...{ lastReadSeq: 7, role: 'member', preview: 'hello', sender: 'oak', peerId: null },
    ...more,
  }) as ConversationSummary;
const item = (id: string, seq: number) =>
  ({
    ...{ id, seq, senderId: 'oak', sender: 'oak', body: `body of ${id}`, blocks: null, sentAt: 1 },
    ...{
      mentions: [],
      reactions: [],
      files: [],
      replyTo: null,
      delivery: { state: 'sent' },
      own: false,
    },
  }) as unknown as TimelineItem;
const entry = (messageId: string, more: Partial<ActivityEntry> = {}) =>
  ({
    ...{ position: { at: 1, conversationId: 'room', seq: 8 }, messageId, cause: 'mention' },
    ...{ keyword: null, title: 'room', isDirect: false, person: 'oak', names: ['oak'] },
    ...{ others: 0, emoji: [], line: `line of ${messageId}`, isNew: true },
    ...more,
  }) as ActivityEntry;

const page = { items: [item('m8', 8), item('m9', 9)], atOldest: true, atNewest: true };
const settled = async () => {
  for (let n = 0; n < 12; n++) await tick();
  flushSync();
};
const key = (target: Element, name: string, more: KeyboardEventInit = {}) => {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more }),
  );
};
/** A key that an input method took, as WebKit on macOS and as other engines report it. */
const COMPOSING = [{ keyCode: 229 }, { isComposing: true }];
const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
const wrong = async (target: HTMLElement) =>
  (await axe.run(target, { rules })).violations.map(({ help }) => help);

function setUp(entries: ActivityEntry[], rows: ConversationSummary[], more: Partial<Ipc> = {}) {
  const ipc = {
    activity: vi.fn(async () => ({ entries, next: null })),
    activityCount: vi.fn(async () => entries.length),
    seeReactions: vi.fn(async () => null),
    readActivity: vi.fn(async () => [['room', 8]]),
    markRead: vi.fn(async () => null),
    act: vi.fn(async () => null),
    timeline: vi.fn(async () => page),
    members: async () => [],
    memberCount: async () => 3,
    ...more,
  };
  const app = appWith(ipc as unknown as Partial<Ipc>);
  app.conversations = rows;
  return { app, ipc };
}

async function activity(entries: ActivityEntry[]) {
  const { app, ipc } = setUp(entries, [row('room'), row('other')]);
  await app.inbox.open('activity');
  const target = mounted(Activity, {}, app);
  await settled();
  const list = target.querySelector<HTMLElement>('[role=listbox]')!;
  return { app, ipc, target, list };
}

test('Activity is a list of which one entry is chosen, and shows where it happened', async () => {
  const two = entry('m9', {
    position: { at: 2, conversationId: 'other', seq: 9 },
    cause: 'reaction',
    names: ['oak', 'jay'],
    others: 2,
    emoji: ['🎉'],
  });
  const { app, list, target } = await activity([entry('m8'), two]);
  expect(list).toBe(document.activeElement);
  const options = [...list.querySelectorAll('[role=option]')];
  expect(options.map((one) => one.getAttribute('aria-selected'))).toEqual(['true', 'false']);
  expect(list.getAttribute('aria-activedescendant')).toBe(options[0]!.id);
  expect(options[0]!.textContent).toContain(text.activityDid.mention);
  expect(options[1]!.textContent).toMatch(/oak.*jay.*and 2 others\s+reacted 🎉/s);
  expect(app.timeline?.conversationId).toBe('room');
  key(list, 'j');
  await settled();
  expect(app.timeline?.conversationId).toBe('other');
  expect(document.activeElement, 'the keys go on').toBe(list);
  key(list, 'k');
  await settled();
  expect(app.timeline?.conversationId).toBe('room');
  expect(app.inbox.view).toBe('activity');
  expect(await wrong(target)).toEqual([]);
});

test('E marks a mention as read, which can be undone, and notes that a reaction was seen', async () => {
  const { app, ipc, list } = await activity([entry('m8'), entry('m9', { cause: 'reaction' })]);
  key(list, 'e');
  await settled();
  expect(ipc.markRead).toHaveBeenCalledWith('room', 8);
  expect(app.inbox.reads.count).toBe(1);
  key(list, 'j');
  await settled();
  key(list, 'e');
  await settled();
  expect(ipc.seeReactions).toHaveBeenLastCalledWith('room');
  await app.inbox.reads.undo();
  expect(ipc.act).toHaveBeenCalledWith('room', { type: 'markUnread', on: false, from: 8 });
});

test('R answers the message of the entry, and Enter opens its conversation', async () => {
  const { app, list, target } = await activity([entry('m8')]);
  key(list, 'r');
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('.composer')!.contains(document.activeElement)).toBe(true);
  });
  expect(target.querySelector('.composer')!.textContent).toContain('oak');
  key(list, 'Enter');
  await settled();
  expect(app.inbox.view).toBe(null);
});

test('the kinds are a choice of one, and an empty list says what would be there', async () => {
  const { ipc, target } = await activity([]);
  expect(target.querySelector('.empty')!.textContent).toContain(text.activityEmpty);
  const chips = [...target.querySelectorAll<HTMLElement>('.chip')];
  chips.find((chip) => chip.textContent === text.activityKinds.reply)!.click();
  await settled();
  expect(ipc.activity).toHaveBeenLastCalledWith('reply', null);
  const pressed = chips.map((chip) => chip.getAttribute('aria-pressed'));
  expect(pressed).toEqual(['false', 'false', 'true', 'false', 'false']);
});

async function unread(rows: ConversationSummary[]) {
  const { app, ipc } = setUp([], rows);
  // What is marked as read is so at once.
  vi.mocked(ipc.markRead).mockImplementation(async (id: string) => {
    app.conversations = app.conversations.map((one) =>
      one.id === id ? { ...one, unread: 0 } : one,
    );
    return null;
  });
  await app.inbox.open('unread');
  const target = mounted(Unread, {}, app);
  await settled();
  const cards = () => [...target.querySelectorAll('.cards > section')];
  const titles = () => cards().map((card) => card.querySelector('h2')!.textContent);
  return { app, ipc, target, cards, titles };
}

test('All unread has a card for each conversation, and the keys act on the current one', async () => {
  const { app, ipc, cards, target, titles } = await unread([
    row('runtime', { activeAt: 5 }),
    row('wren', { kind: 'p2p', activeAt: 1 }),
    row('general', { mutedUntil: Date.now() + 1e9, unread: 8 }),
  ]);
  expect(titles()).toEqual(['wren', 'runtime']);
  expect(target.textContent).toContain(text.unreadSummary({ n: 4, many: 2 }));
  expect(target.querySelector('footer')!.textContent).toContain('(8)');
  expect(document.activeElement).toBe(cards()[0]);
  expect(cards()[0]!.textContent).toContain('body of m9');
  expect(await wrong(target)).toEqual([]);
  key(cards()[0]!, 'j');
  await settled();
  expect(document.activeElement).toBe(cards()[1]);
  key(cards()[1]!, 'k');
  await settled();
  key(document.activeElement!, 'e');
  await settled();
  expect(ipc.markRead).toHaveBeenCalledWith('wren', 9);
  expect(titles()).toEqual(['runtime']);
  expect(document.activeElement).toBe(cards()[0]);
  expect(app.inbox.reads.count).toBe(2);
});

test('R writes in the card, where the keys are letters, and Escape leads back to it', async () => {
  const { cards, app } = await unread([row('runtime')]);
  key(cards()[0]!, 'r');
  await settled();
  const field = cards()[0]!.querySelector('textarea')!;
  expect(document.activeElement).toBe(field);
  key(field, 'e');
  await settled();
  expect(app.inbox.reads.count).toBe(0);
  key(field, 'Escape');
  await settled();
  expect(cards()[0]!.querySelector('textarea')).toBe(null);
  expect(document.activeElement).toBe(cards()[0]);
});

test('Escape that only ends a composition closes neither the card nor the place of an entry', async () => {
  const { cards } = await unread([row('runtime')]);
  key(cards()[0]!, 'r');
  await settled();
  const field = cards()[0]!.querySelector('textarea')!;
  for (const more of COMPOSING) key(field, 'Escape', more);
  await settled();
  expect(document.activeElement).toBe(field);

  const { list, target } = await activity([entry('m8')]);
  key(list, 'r');
  const area = () => target.querySelector<HTMLElement>('.composer textarea')!;
  await vi.waitFor(() => (flushSync(), expect(document.activeElement).toBe(area())));
  for (const more of COMPOSING) key(area(), 'Escape', more);
  await settled();
  expect(document.activeElement).toBe(area());
});

test('leaving a view leads back to the conversation that was open, which counts as seen again', async () => {
  const watch = vi.fn(async () => null);
  const { app } = setUp([], [row('runtime')], { watch });
  await app.open('runtime');
  await app.inbox.open('unread');
  expect(watch).toHaveBeenLastCalledWith(null);
  app.inbox.leave();
  expect(app.inbox.view).toBe(null);
  expect(watch).toHaveBeenLastCalledWith('runtime');
});

test('everything is marked as read at once, and the end is said', async () => {
  const { ipc, target, titles, app } = await unread([row('a'), row('b')]);
  const button = [...target.querySelectorAll('button')].find(
    (one) => one.textContent === text.markAllRead,
  )!;
  button.click();
  await settled();
  expect(ipc.markRead).toHaveBeenCalledTimes(2);
  expect(titles()).toEqual([]);
  expect(target.querySelector('[role=status]')!.textContent).toContain(text.caughtUp);
  expect(app.inbox.reads.count).toBe(4);
});
