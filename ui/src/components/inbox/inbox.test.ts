import axe from 'axe-core';
import '../../styles/base.css';
import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ActivityEntry, ConversationSummary, Ipc, TimelineItem } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
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
    ...{ position: { at: 1, conversationId: 'workshop', seq: 8 }, messageId, cause: 'mention' },
    ...{ keyword: null, title: 'workshop', isDirect: false, person: 'oak', names: ['oak'] },
    ...{ others: 0, emoji: [], line: `line of ${messageId}`, isNew: true },
    ...more,
  }) as ActivityEntry;

const page = { items: [item('m8', 8), item('m9', 9)], atOldest: true, atNewest: true };
const finishUpdates = async () => {
  for (let n = 0; n < 12; n++) await tick();
  flushSync();
};
const press = (target: Element, name: string, more: KeyboardEventInit = {}) => {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more }),
  );
};
/** A key of an input method, as WebKit on macOS and other engines report it. */
const COMPOSING = [{ keyCode: 229 }, { isComposing: true }];
const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
const violations = async (target: HTMLElement) =>
  (await axe.run(target, { rules })).violations.map(({ help }) => help);

function createInbox(
  entries: ActivityEntry[],
  rows: ConversationSummary[],
  more: Partial<Ipc> = {},
) {
  const ipc = {
    activity: vi.fn(async () => ({ entries, next: null })),
    activityCount: vi.fn(async () => entries.length),
    seeReactions: vi.fn(async () => null),
    readActivity: vi.fn(async () => [['workshop', 8]]),
    markRead: vi.fn(async () => null),
    act: vi.fn(async () => null),
    timeline: vi.fn(async () => page),
    members: async () => [],
    memberCount: async () => 3,
    ...more,
  };
  const app = createApp(ipc as unknown as Partial<Ipc>);
  app.conversations = rows;
  return { app, ipc };
}

async function renderActivity(entries: ActivityEntry[]) {
  const { app, ipc } = createInbox(entries, [row('workshop'), row('other')]);
  await app.inbox.open('activity');
  const target = render(Activity, {}, app);
  await finishUpdates();
  const list = target.querySelector<HTMLElement>('[role=listbox]')!;
  return { app, ipc, target, list };
}

test('the activity list has a selected entry, and shows its conversation', async () => {
  const reactionEntry = entry('m9', {
    position: { at: 2, conversationId: 'other', seq: 9 },
    cause: 'reaction',
    names: ['oak', 'jay'],
    others: 2,
    emoji: ['🎉'],
  });
  const { app, list, target } = await renderActivity([entry('m8'), reactionEntry]);
  expect(list).toBe(document.activeElement);
  const options = [...list.querySelectorAll('[role=option]')];
  expect(options.map((option) => option.getAttribute('aria-selected'))).toEqual(['true', 'false']);
  expect(list.getAttribute('aria-activedescendant')).toBe(options[0]!.id);
  expect(options[0]!.textContent).toContain(text.activityVerbs.mention);
  expect(options[1]!.textContent).toMatch(/oak.*jay.*and 2 others\s+reacted 🎉/s);
  expect(app.timeline?.conversationId).toBe('workshop');
  press(list, 'j');
  await finishUpdates();
  expect(app.timeline?.conversationId).toBe('other');
  expect(document.activeElement, 'the list keeps the focus').toBe(list);
  press(list, 'k');
  await finishUpdates();
  expect(app.timeline?.conversationId).toBe('workshop');
  expect(app.inbox.view).toBe('activity');
  expect(await violations(target)).toEqual([]);
});

test('E marks a mention as read, which can be undone, or a reaction as seen', async () => {
  const { app, ipc, list } = await renderActivity([
    entry('m8'),
    entry('m9', { cause: 'reaction' }),
  ]);
  press(list, 'e');
  await finishUpdates();
  expect(ipc.markRead).toHaveBeenCalledWith('workshop', 8);
  expect(app.inbox.reads.count).toBe(1);
  press(list, 'j');
  await finishUpdates();
  press(list, 'e');
  await finishUpdates();
  expect(ipc.seeReactions).toHaveBeenLastCalledWith('workshop');
  await app.inbox.reads.undo();
  expect(ipc.act).toHaveBeenCalledWith('workshop', { type: 'markUnread', on: false, from: 8 });
});

test('R replies to the message of the entry, and Enter opens its conversation', async () => {
  const { app, list, target } = await renderActivity([entry('m8')]);
  press(list, 'r');
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('.composer')!.contains(document.activeElement)).toBe(true);
  });
  expect(target.querySelector('.composer')!.textContent).toContain('oak');
  press(list, 'Enter');
  await finishUpdates();
  expect(app.inbox.view).toBe(null);
});

test('a single kind can be chosen, and an empty list has a hint', async () => {
  const { ipc, target } = await renderActivity([]);
  expect(target.querySelector('.empty')!.textContent).toContain(text.activityEmpty);
  const chips = [...target.querySelectorAll<HTMLElement>('.chip')];
  chips.find((chip) => chip.textContent === text.activityKinds.reply)!.click();
  await finishUpdates();
  expect(ipc.activity).toHaveBeenLastCalledWith('reply', null);
  const pressed = chips.map((chip) => chip.getAttribute('aria-pressed'));
  expect(pressed).toEqual(['false', 'false', 'true', 'false', 'false']);
});

async function renderUnread(rows: ConversationSummary[]) {
  const { app, ipc } = createInbox([], rows);
  // Marking as read has an immediate effect.
  vi.mocked(ipc.markRead).mockImplementation(async (id: string) => {
    app.conversations = app.conversations.map((row) =>
      row.id === id ? { ...row, unread: 0 } : row,
    );
    return null;
  });
  await app.inbox.open('unread');
  const target = render(Unread, {}, app);
  await finishUpdates();
  const cards = () => [...target.querySelectorAll('.cards > section')];
  const titles = () => cards().map((card) => card.querySelector('h2')!.textContent);
  return { app, ipc, target, cards, titles };
}

test('“All unread” has a card per conversation, and keys apply to the current one', async () => {
  const { app, ipc, cards, target, titles } = await renderUnread([
    row('runtime', { activeAt: 5 }),
    row('wren', { kind: 'p2p', activeAt: 1 }),
    row('general', { mutedUntil: Date.now() + 1e9, unread: 8 }),
  ]);
  expect(titles()).toEqual(['wren', 'runtime']);
  expect(target.textContent).toContain(text.unreadSummary({ n: 4, conversations: 2 }));
  expect(target.querySelector('footer')!.textContent).toContain('(8)');
  expect(document.activeElement).toBe(cards()[0]);
  expect(cards()[0]!.textContent).toContain('body of m9');
  expect(await violations(target)).toEqual([]);
  press(cards()[0]!, 'j');
  await finishUpdates();
  expect(document.activeElement).toBe(cards()[1]);
  press(cards()[1]!, 'k');
  await finishUpdates();
  press(document.activeElement!, 'e');
  await finishUpdates();
  expect(ipc.markRead).toHaveBeenCalledWith('wren', 9);
  expect(titles()).toEqual(['runtime']);
  expect(document.activeElement).toBe(cards()[0]);
  expect(app.inbox.reads.count).toBe(2);
});

test('R opens the composer of a card, and Escape returns to the card', async () => {
  const { cards, app } = await renderUnread([row('runtime')]);
  press(cards()[0]!, 'r');
  await finishUpdates();
  const field = cards()[0]!.querySelector('textarea')!;
  expect(document.activeElement).toBe(field);
  press(field, 'e');
  await finishUpdates();
  expect(app.inbox.reads.count).toBe(0);
  press(field, 'Escape');
  await finishUpdates();
  expect(cards()[0]!.querySelector('textarea')).toBe(null);
  expect(document.activeElement).toBe(cards()[0]);
});

test('Escape that ends a composition closes neither a card nor the conversation of an entry', async () => {
  const { cards } = await renderUnread([row('runtime')]);
  press(cards()[0]!, 'r');
  await finishUpdates();
  const field = cards()[0]!.querySelector('textarea')!;
  for (const more of COMPOSING) press(field, 'Escape', more);
  await finishUpdates();
  expect(document.activeElement).toBe(field);

  const { list, target } = await renderActivity([entry('m8')]);
  press(list, 'r');
  const area = () => target.querySelector<HTMLElement>('.composer textarea')!;
  await vi.waitFor(() => (flushSync(), expect(document.activeElement).toBe(area())));
  for (const more of COMPOSING) press(area(), 'Escape', more);
  await finishUpdates();
  expect(document.activeElement).toBe(area());
});

test('leaving a view returns to the open conversation, which counts as watched again', async () => {
  const watch = vi.fn(async () => null);
  const { app } = createInbox([], [row('runtime')], { watch });
  await app.open('runtime');
  await app.inbox.open('unread');
  expect(watch).toHaveBeenLastCalledWith(null);
  app.inbox.leave();
  expect(app.inbox.view).toBe(null);
  expect(watch).toHaveBeenLastCalledWith('runtime');
});

test('everything can be marked as read, and the empty state is announced', async () => {
  const { ipc, target, titles, app } = await renderUnread([row('a'), row('b')]);
  const button = [...target.querySelectorAll('button')].find(
    (button) => button.textContent === text.markAllRead,
  )!;
  button.click();
  await finishUpdates();
  expect(ipc.markRead).toHaveBeenCalledTimes(2);
  expect(titles()).toEqual([]);
  expect(target.querySelector('[role=status]')!.textContent).toContain(text.caughtUp);
  expect(app.inbox.reads.count).toBe(4);
});
