import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, TimelineItem } from '../ipc';
import { text } from '../lib/text';
import { Timeline } from '../state/timeline.svelte';
import ComposerHeader from './composer/ComposerHeader.svelte';
import Composer from './composer/Composer.svelte';
import ConversationRow from './conversations/ConversationRow.svelte';
import { createApp, render } from './render';
import MessagesPanel from './panels/MessagesPanel.svelte';
import OutboxPanel from './panels/OutboxPanel.svelte';
import SearchPanel from './panels/SearchPanel.svelte';
import MessageRow from './timeline/MessageRow.svelte';
import QuoteLine from './timeline/QuoteLine.svelte';

const SECRET = 'the password is swordfish';
const item = {
  ...{ id: 'm', seq: 7, senderId: 'me', sender: 'me', own: true, body: SECRET, blocks: null },
  ...{ sentAt: 1, edited: true, mentions: [], reactions: [{ emoji: '🐟', count: 1, names: [] }] },
  ...{ replyTo: null, files: [], delivery: { state: 'sent' } },
} as unknown as TimelineItem;
const quote = { id: 'm', seq: 7, sender: 'me', body: SECRET, deleted: false };
const row = {
  ...{ id: 'c', title: 'workshop', kind: 'group', preview: SECRET, sender: 'me', own: true },
  ...{ activeAt: 1, unread: 0, lastSeq: 7, waiting: 0, peer: null, peerId: null, draft: null },
} as unknown as ConversationSummary;

const createState = () => {
  const app = createApp({
    pinned: async () => [item],
    saved: async () => [{ conversationId: 'c', item }],
    search: async () => ({
      hits: [{ ...item, conversationId: 'c', snippet: [{ text: SECRET, mark: true }] }],
      next: null,
    }),
    edits: async () => [{ number: 1, body: SECRET, replacedAt: 1 }],
    members: async () => [],
  } as unknown as Partial<Ipc>);
  app.timeline = new Timeline('c', app.ipc);
  app.timeline.show({ items: [item], atOldest: true, atNewest: true, missingOlder: false });
  app.conversations = [row];
  return app;
};

const typeQuery = (page: HTMLElement) => {
  page.querySelector('input')!.value = 'x';
  page.querySelector('input')!.dispatchEvent(new Event('input', { bubbles: true }));
};
const reply = { body: '', replyTo: 'm' };
const views: [
  string,
  (app: ReturnType<typeof createState>) => HTMLElement,
  ((page: HTMLElement) => void)?,
][] = [
  [
    'the timeline',
    (app) => render(MessageRow, { item, grouped: false, target: false, tabbable: false }, app),
    (page) => page.querySelector<HTMLElement>('.edited')!.click(),
  ],
  ['a reply to it', (app) => render(QuoteLine, { quote }, app)],
  [
    'the message to reply to',
    (app) => render(Composer, { timeline: app.timeline!, title: '', draft: reply }, app),
  ],
  [
    'the conversation list',
    (app) => render(ConversationRow, { conversation: row, top: 0, setSize: 1 }, app),
  ],
  ['the pinned messages', (app) => render(MessagesPanel, { list: 'pinned' as const }, app)],
  ['the saved messages', (app) => render(MessagesPanel, { list: 'saved' as const }, app)],
  ['the search results', (app) => render(SearchPanel, {}, app), typeQuery],
];

test.each(views)(
  'while the deletion can be undone, %s shows a message as deleted',
  async (_, show, then) => {
    const app = createState();
    const page = show(app);
    then?.(page);
    const shows = async (expected: string) =>
      vi.waitFor(async () => {
        await tick();
        flushSync();
        expect(page.textContent).toContain(expected);
      });
    await shows(SECRET);
    await app.deletions.delete('c', [item]);
    await shows(text.deleted);
    expect(page.innerHTML).not.toContain('swordfish');
    await app.deletions.undo();
    await shows(SECRET);
  },
);

test('a waiting message is the newest one, also if the previous one is deleted', async () => {
  const app = createState();
  const page = render(
    ConversationRow,
    { conversation: { ...row, waiting: 1 }, top: 0, setSize: 1 },
    app,
  );
  await app.deletions.delete('c', [item]);
  flushSync();
  expect(page.textContent).toContain(SECRET);
});

test('a reply to a deleted message shows that it was deleted', () => {
  const page = render(
    ComposerHeader,
    {
      editing: false,
      unfinished: undefined,
      isReply: true,
      repliedTo: item,
      isDeleted: true,
    } as never,
    createState(),
  );
  expect(page.textContent).toContain(text.deleted);
});

test('discarding a waiting message needs confirmation', async () => {
  const discarded: string[] = [];
  const waiting = { ...item, conversationId: 'c', action: 'send', createdAt: 1 };
  const app = createApp({
    outbox: async () => [waiting],
    discard: async (id: string) => (discarded.push(id), null),
  } as unknown as Partial<Ipc>);
  const page = render(OutboxPanel, {}, app);
  const button = () =>
    [...page.querySelectorAll('button')].find(
      (button) => button.textContent.trim() === text.discard,
    )!;
  await vi.waitFor(() => expect(button()).toBeDefined());
  button().click();
  expect([discarded, app.dialog, app.confirmation?.subject]).toEqual([[], 'confirmation', SECRET]);
  app.runConfirmed();
  expect([discarded, app.dialog]).toEqual([['m'], null]);
});

test('discarding a refused message in the timeline needs confirmation', () => {
  const discarded: string[] = [];
  const app = createApp({ discard: async (id) => (discarded.push(id), null) });
  const delivery = { state: 'refused' as const, code: 'forbidden' as const, reason: null };
  const refused = { ...item, seq: null, delivery };
  const page = render(
    MessageRow,
    { item: refused, grouped: false, target: false, tabbable: false },
    app,
  );
  [...page.querySelectorAll('button')]
    .find((button) => button.textContent === text.discard)!
    .click();
  expect([discarded, app.confirmation?.title]).toEqual([[], text.discardMessageTitle]);
  app.runConfirmed();
  expect(discarded).toEqual(['m']);
});
