import '../styles/base.css';
import { flushSync, tick, type Component } from 'svelte';
import { describe, expect, test, vi } from 'vitest';
import type { Block, ConversationSummary, Ipc, TimelineItem } from '../ipc';
import { Timeline } from '../state/timeline.svelte';
import Forward from './conversations/Forward.svelte';
import Jump from './conversations/Jump.svelte';
import NewConversation from './conversations/NewConversation.svelte';
import PeoplePicker from './conversations/PeoplePicker.svelte';
import Sidebar from './conversations/Sidebar.svelte';
import Above from './composer/Above.svelte';
import Completion from './composer/Completion.svelte';
import Tray from './composer/Tray.svelte';
import Attachments from './files/Attachments.svelte';
import Viewer from './files/Viewer.svelte';
import { appWith, mounted } from './mounted';
import FilesPanel from './panels/FilesPanel.svelte';
import KeptPanel from './panels/KeptPanel.svelte';
import MembersPanel from './panels/MembersPanel.svelte';
import OutboxPanel from './panels/OutboxPanel.svelte';
import SearchPanel from './panels/SearchPanel.svelte';
import Conversation from './timeline/Conversation.svelte';
import EditHistory from './timeline/EditHistory.svelte';
import MessageRow from './timeline/MessageRow.svelte';
import QuoteLine from './timeline/QuoteLine.svelte';

/** Text that others wrote, in two rows. Each piece is in Hebrew and is recognized by its row and name. */
const piece = (row: number, name: string) => `שלום<${row} ${name}>${STACK}`;
const STACK = '\u0301'.repeat(300);
const PIECE = /שלום<(\d) ([a-z]+)>/;

const ROWS = [1, 2];
const item = (row: number) =>
  ({
    id: `m${row}`,
    seq: row,
    senderId: `u${row}`,
    sender: piece(row, 'sender'),
    body: piece(row, 'body'),
    blocks: null,
    sentAt: row,
    mentions: [],
    reactions: [],
    files: [],
    replyTo: null,
    delivery: { state: 'sent' },
  }) as unknown as TimelineItem;
const fileOf = (row: number, kind: object = { type: 'file' }) => ({
  ...{ hash: `h${row}`, bytes: 9, name: piece(row, 'file'), mediaType: 'text/plain', kind },
});
const listed = (row: number, kind?: object) => ({
  ...{ messageId: `m${row}`, conversationId: `c${row}`, seq: row, index: 0, senderId: `u${row}` },
  ...{ sender: piece(row, 'sender'), sentAt: row, file: fileOf(row, kind), isHere: true },
});
const quoting = {
  id: 'q',
  seq: 1,
  sender: piece(1, 'quoted'),
  body: piece(1, 'quote'),
  deleted: false,
};
const conversation = (row: number) =>
  ({
    id: `c${row}`,
    kind: 'group',
    role: 'owner',
    title: piece(row, 'title'),
    topic: piece(row, 'topic'),
    preview: piece(row, 'preview'),
    sender: piece(row, 'sender'),
    activeAt: row,
    unread: 0,
    draft: null,
  }) as unknown as ConversationSummary;
const person = (row: number) => ({
  ...{ id: `u${row}`, username: piece(row, 'username'), name: piece(row, 'name') },
});
const member = (row: number) => ({ ...person(row), role: 'member', joinedAt: row, lastReadSeq: 9 });

const ipc = {
  people: async () => ROWS.map(person),
  members: async () => ROWS.map(member),
  memberCount: async () => 2,
  outbox: async () =>
    ROWS.map((row) => ({
      id: `o${row}`,
      conversationId: `c${row}`,
      action: 'send',
      body: piece(row, 'body'),
      createdAt: row,
      files: [],
      delivery: { state: 'waiting' },
    })),
  search: async () => ({
    hits: ROWS.map((row) => ({
      id: `m${row}`,
      conversationId: `c${row}`,
      seq: row,
      sender: piece(row, 'sender'),
      sentAt: row,
      snippet: [{ text: piece(row, 'snippet'), mark: false }],
    })),
    next: null,
  }),
  files: async () => ({ files: ROWS.map((row) => listed(row)), next: null }),
  fileStates: async () => [],
  saved: async () => ROWS.map((row) => ({ conversationId: `c${row}`, item: item(row) })),
  edits: async () => ROWS.map((row) => ({ body: piece(row, 'body'), replacedAt: row })),
} as unknown as Partial<Ipc>;

function known() {
  const app = appWith(ipc);
  app.conversations = ROWS.map(conversation);
  app.timeline = new Timeline('c1', app.ipc);
  const items = [item(1), { ...item(2), own: true }];
  app.timeline.show({ items, atOldest: true, atNewest: true, missingOlder: false });
  return app;
}

const row = { grouped: false, target: false, tabbable: false };
const type = (target: HTMLElement, typed: string, input = target.querySelector('input')!) => {
  input.value = typed;
  input.dispatchEvent(new Event('input', { bubbles: true }));
};
const paragraph = (text: string): Block => ({
  type: 'paragraph',
  children: [{ type: 'text', text }],
});
const marked: Block[] = [
  paragraph(piece(1, 'words')),
  { type: 'quote', children: [paragraph(piece(1, 'quoted'))] },
  {
    type: 'list',
    start: null,
    items: [{ checked: null, children: [paragraph(piece(1, 'listed'))] }],
  },
];

type Scene = [
  name: string,
  component: Component<never>,
  props: (app: ReturnType<typeof known>) => object,
  then?: (target: HTMLElement) => unknown,
];
const scenes: Scene[] = [
  ['the list of conversations', Sidebar, () => ({})],
  ['the header of one', Conversation, (app) => ({ timeline: app.timeline })],
  ['a message', MessageRow, () => ({ item: item(1), ...row })],
  [
    'an action',
    MessageRow,
    () => ({ item: { ...item(1), body: `/me ${piece(1, 'body')}` }, ...row }),
  ],
  ['a message with marks', MessageRow, () => ({ item: { ...item(1), blocks: marked }, ...row })],
  ['an answer', MessageRow, () => ({ item: { ...item(1), replyTo: quoting }, ...row })],
  ['a quote', QuoteLine, () => ({ quote: quoting })],
  ['what it said before', EditHistory, () => ({ id: 'm1' })],
  [
    'what is answered',
    Above,
    () => ({ editing: false, begun: undefined, answers: true, answered: item(1) }),
  ],
  [
    'an edit that was begun',
    Above,
    () => ({ editing: false, begun: { id: 'm1', body: piece(1, 'body') }, answers: false }),
  ],
  [
    'names to choose from',
    Completion,
    () => ({
      id: 'x',
      at: 0,
      offers: ROWS.map((n) => ({ text: '', label: piece(n, 'name'), name: '' })),
    }),
  ],
  [
    'people to choose from',
    PeoplePicker,
    () => ({ label: '', without: [], onpick: () => {} }),
    (target) => type(target, 'ש'),
  ],
  [
    'whom one chose',
    NewConversation,
    () => ({ group: true }),
    async (target) => {
      const last = [...target.querySelectorAll('input')].at(-1)!;
      type(target, 'ש', last);
      await vi.waitFor(() => target.querySelector<HTMLElement>('[role=option]')!.click());
    },
  ],
  ['where to go', Jump, () => ({}), (target) => type(target, 'ש')],
  ['where to forward', Forward, () => ({ items: [] })],
  ['members', MembersPanel, () => ({})],
  ['what waits', OutboxPanel, () => ({})],
  ['what was found', SearchPanel, () => ({}), (target) => type(target, 'ש')],
  [
    'files of a message',
    Attachments,
    () => ({ item: { ...item(1), files: ROWS.map((n) => fileOf(n)) }, reachable: true }),
  ],
  [
    'files to send',
    Tray,
    (app) => {
      const staged = app.files.staged('c1');
      staged.files = [{ id: 1, file: fileOf(1), asFile: true, canBePicture: false }] as never;
      staged.failed = [{ name: piece(2, 'file'), problem: { code: 'offline', reason: null } }];
      return { staged, onleave: () => {} };
    },
  ],
  ['files of a conversation', FilesPanel, () => ({})],
  [
    'a picture above everything',
    Viewer,
    () => ({
      viewing: { pictures: [listed(1, { type: 'picture', width: 8, height: 8 })], at: 0 },
    }),
  ],
  ['what was saved', KeptPanel, () => ({ which: 'saved' })],
];

/** Returns the texts that contain a piece, once everything has loaded. */
async function pieces([, component, props, then]: Scene) {
  const app = known();
  app.searchHere = false;
  const target = mounted(component as Component<Record<string, unknown>>, { ...props(app) }, app);
  await then?.(target);
  const found = () => {
    const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT);
    const texts: { of: string; row: string; element: Element }[] = [];
    while (walker.nextNode()) {
      const match = PIECE.exec(walker.currentNode.textContent ?? '');
      const element = walker.currentNode.parentElement!;
      if (match && !element.closest('.hidden'))
        texts.push({ of: match[0], row: match[1]!, element });
    }
    return texts;
  };
  return vi.waitFor(async () => {
    await tick();
    flushSync();
    const texts = found();
    expect(texts.length).toBeGreaterThan(0);
    return { target, texts };
  });
}

/** Returns an element and its ancestors within `target`, the innermost first. */
function above(element: Element, target: Element): Element[] {
  const all = [];
  for (let at: Element | null = element; at && at !== target; at = at.parentElement) all.push(at);
  return all;
}

/** Whether an element clips its content. */
function isClipped(element: Element): boolean {
  const style = getComputedStyle(element);
  const isBlock =
    !/^inline$/.test(style.display) || /flex|grid/.test(displayOf(element.parentElement!));
  return (
    isBlock &&
    ((style.overflow !== 'visible' && style.overflow !== '') || element.matches('.contained'))
  );
}
const displayOf = (element: Element) => getComputedStyle(element).display;

describe.each(scenes)('%s', (...scene) => {
  test('each piece of it decides its own direction', async () => {
    const { target, texts } = await pieces(scene);
    const holds = new Map<Element, string>();
    for (const { of, element } of texts) {
      const isolate = element.closest('bdi, [dir=auto]')!;
      expect(target.contains(isolate), `${of} in ${element.outerHTML}`).toBe(true);
      // No isolate contains two pieces.
      expect(holds.get(isolate) ?? of).toBe(of);
      holds.set(isolate, of);
    }
  });

  test('it covers no other row, however many marks stand on a letter', async () => {
    const { target, texts } = await pieces(scene);
    for (const { of, row, element } of texts) {
      // The system draws the entries of a list, in a window of its own.
      if (element.matches('option')) continue;
      const clip = above(element, target).find(isClipped);
      expect(clip, `${of} in ${element.outerHTML}`).toBeDefined();
      const others = texts.filter((one) => one.row !== row && clip!.contains(one.element));
      expect(others, `beside ${of} in ${clip!.outerHTML}`).toEqual([]);
    }
  });

  test('what has no room is cut off at its end', async () => {
    const { target, texts } = await pieces(scene);
    const isCut = (element: Element) => getComputedStyle(element).textOverflow === 'ellipsis';
    for (const { of, element } of texts) {
      const cut = above(element, target).find(isCut);
      if (cut) expect(cut.getAttribute('dir'), `${of} in ${cut.outerHTML}`).toMatch(/^(auto|rtl)$/);
    }
  });
});
