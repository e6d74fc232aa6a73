import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ConversationSummary, Ipc, TimelineItem } from '../ipc';
import { text } from '../lib/text';
import { Timeline } from '../state/timeline.svelte';
import Above from './composer/Above.svelte';
import Composer from './composer/Composer.svelte';
import ConversationRow from './conversations/ConversationRow.svelte';
import { appWith, mounted } from './mounted';
import KeptPanel from './panels/KeptPanel.svelte';
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

const known = () => {
  const app = appWith({
    pinned: async () => [item],
    saved: async () => [{ conversationId: 'c', item }],
    search: async () => ({
      hits: [{ ...item, conversationId: 'c', snippet: [{ text: SECRET, mark: true }] }],
      next: null,
    }),
    edits: async () => [{ body: SECRET, replacedAt: 1 }],
    members: async () => [],
  } as unknown as Partial<Ipc>);
  app.timeline = new Timeline('c', app.ipc);
  app.timeline.show({ items: [item], atOldest: true, atNewest: true, missingOlder: false });
  app.conversations = [row];
  return app;
};

const typed = (page: HTMLElement) => {
  page.querySelector('input')!.value = 'x';
  page.querySelector('input')!.dispatchEvent(new Event('input', { bubbles: true }));
};
const answering = { body: '', replyTo: 'm' };
const shown: [
  string,
  (app: ReturnType<typeof known>) => HTMLElement,
  ((page: HTMLElement) => void)?,
][] = [
  [
    'the timeline',
    (app) => mounted(MessageRow, { item, grouped: false, target: false, tabbable: false }, app),
    (page) => page.querySelector<HTMLElement>('.edited')!.click(),
  ],
  ['an answer to it', (app) => mounted(QuoteLine, { quote }, app)],
  [
    'what one answers',
    (app) => mounted(Composer, { timeline: app.timeline!, title: '', draft: answering }, app),
  ],
  ['the list', (app) => mounted(ConversationRow, { conversation: row, top: 0, of: 1 }, app)],
  ['what is pinned', (app) => mounted(KeptPanel, { which: 'pinned' as const }, app)],
  ['what is saved', (app) => mounted(KeptPanel, { which: 'saved' as const }, app)],
  ['what was found', (app) => mounted(SearchPanel, {}, app), typed],
];

test.each(shown)(
  'while it can be taken back, %s shows a message as deleted',
  async (_, show, then) => {
    const app = known();
    const page = show(app);
    then?.(page);
    const says = async (what: string) =>
      vi.waitFor(async () => {
        await tick();
        flushSync();
        expect(page.textContent).toContain(what);
      });
    await says(SECRET);
    await app.deletions.delete('c', [item]);
    await says(text.deleted);
    expect(page.innerHTML).not.toContain('swordfish');
    await app.deletions.undo();
    await says(SECRET);
  },
);

test('what waits is the newest, whatever is deleted before it', async () => {
  const app = known();
  const page = mounted(
    ConversationRow,
    { conversation: { ...row, waiting: 1 }, top: 0, of: 1 },
    app,
  );
  await app.deletions.delete('c', [item]);
  flushSync();
  expect(page.textContent).toContain(SECRET);
});

test('an answer to what was deleted says so', () => {
  const page = mounted(
    Above,
    { editing: false, begun: undefined, answers: true, answered: item, gone: true } as never,
    known(),
  );
  expect(page.textContent).toContain(text.deleted);
});

test('it is asked before what waits is discarded', async () => {
  const discarded: string[] = [];
  const waiting = { ...item, conversationId: 'c', action: 'send', createdAt: 1 };
  const app = appWith({
    outbox: async () => [waiting],
    discard: async (id: string) => (discarded.push(id), null),
  } as unknown as Partial<Ipc>);
  const page = mounted(OutboxPanel, {}, app);
  const button = () =>
    [...page.querySelectorAll('button')].find((one) => one.textContent.trim() === text.discard)!;
  await vi.waitFor(() => expect(button()).toBeDefined());
  button().click();
  expect([discarded, app.dialog, app.question?.about]).toEqual([[], 'question', SECRET]);
  app.answer();
  expect([discarded, app.dialog]).toEqual([['m'], null]);
});

test('nor is a refused message discarded in the timeline without a question', () => {
  const discarded: string[] = [];
  const app = appWith({ discard: async (id) => (discarded.push(id), null) });
  const delivery = { state: 'refused' as const, code: 'forbidden' as const, reason: null };
  const refused = { ...item, seq: null, delivery };
  const page = mounted(
    MessageRow,
    { item: refused, grouped: false, target: false, tabbable: false },
    app,
  );
  [...page.querySelectorAll('button')].find((one) => one.textContent === text.discard)!.click();
  expect([discarded, app.question?.title]).toEqual([[], text.discardMessageTitle]);
  app.answer();
  expect(discarded).toEqual(['m']);
});
