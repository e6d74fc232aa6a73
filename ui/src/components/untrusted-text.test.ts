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
import ComposerHeader from './composer/ComposerHeader.svelte';
import CompletionList from './composer/CompletionList.svelte';
import AttachmentTray from './composer/AttachmentTray.svelte';
import Attachments from './files/Attachments.svelte';
import Viewer from './files/Viewer.svelte';
import { createApp, render } from './render';
import FilesPanel from './panels/FilesPanel.svelte';
import MessagesPanel from './panels/MessagesPanel.svelte';
import MembersPanel from './panels/MembersPanel.svelte';
import OutboxPanel from './panels/OutboxPanel.svelte';
import SearchPanel from './panels/SearchPanel.svelte';
import Conversation from './timeline/Conversation.svelte';
import EditHistory from './timeline/EditHistory.svelte';
import MessageRow from './timeline/MessageRow.svelte';
import QuoteLine from './timeline/QuoteLine.svelte';

/** Untrusted text in two rows. Each piece is in Hebrew and contains its row and name. */
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
const quote = {
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
  edits: async () =>
    ROWS.map((row) => ({ number: row, body: piece(row, 'body'), replacedAt: row })),
} as unknown as Partial<Ipc>;

function createState() {
  const app = createApp(ipc);
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

type View = [
  name: string,
  component: Component<never>,
  props: (app: ReturnType<typeof createState>) => object,
  then?: (target: HTMLElement) => unknown,
];
const views: View[] = [
  ['the conversation list', Sidebar, () => ({})],
  ['the header of a conversation', Conversation, (app) => ({ timeline: app.timeline })],
  ['a message', MessageRow, () => ({ item: item(1), ...row })],
  [
    'an action',
    MessageRow,
    () => ({ item: { ...item(1), body: `/me ${piece(1, 'body')}` }, ...row }),
  ],
  ['a message with marks', MessageRow, () => ({ item: { ...item(1), blocks: marked }, ...row })],
  ['a reply', MessageRow, () => ({ item: { ...item(1), replyTo: quote }, ...row })],
  ['a quote', QuoteLine, () => ({ quote: quote })],
  ['the edit history', EditHistory, () => ({ id: 'm1' })],
  [
    'the message to reply to',
    ComposerHeader,
    () => ({ editing: false, unfinished: undefined, isReply: true, repliedTo: item(1) }),
  ],
  [
    'an unfinished edit',
    ComposerHeader,
    () => ({ editing: false, unfinished: { id: 'm1', body: piece(1, 'body') }, isReply: false }),
  ],
  [
    'completions of a name',
    CompletionList,
    () => ({
      id: 'x',
      chosen: 0,
      options: ROWS.map((n) => ({ text: '', label: piece(n, 'name'), name: '' })),
    }),
  ],
  [
    'the people picker',
    PeoplePicker,
    () => ({ label: '', without: [], onpick: () => {} }),
    (target) => type(target, 'ש'),
  ],
  [
    'the chosen people',
    NewConversation,
    () => ({ group: true }),
    async (target) => {
      const last = [...target.querySelectorAll('input')].at(-1)!;
      type(target, 'ש', last);
      await vi.waitFor(() => target.querySelector<HTMLElement>('[role=option]')!.click());
    },
  ],
  ['the jump dialog', Jump, () => ({}), (target) => type(target, 'ש')],
  ['the forward dialog', Forward, () => ({ items: [] })],
  ['members', MembersPanel, () => ({})],
  ['the outbox', OutboxPanel, () => ({})],
  ['the search results', SearchPanel, () => ({}), (target) => type(target, 'ש')],
  [
    'files of a message',
    Attachments,
    () => ({ item: { ...item(1), files: ROWS.map((n) => fileOf(n)) }, reachable: true }),
  ],
  [
    'files to send',
    AttachmentTray,
    (app) => {
      const staged = app.files.staged('c1');
      staged.files = [{ id: 1, file: fileOf(1), asFile: true, canBePicture: false }] as never;
      staged.failed = [{ name: piece(2, 'file'), problem: { code: 'offline', reason: null } }];
      return { staged, onleave: () => {} };
    },
  ],
  ['files of a conversation', FilesPanel, () => ({})],
  [
    'the picture viewer',
    Viewer,
    () => ({
      viewing: { pictures: [listed(1, { type: 'picture', width: 8, height: 8 })], index: 0 },
    }),
  ],
  ['the saved messages', MessagesPanel, () => ({ list: 'saved' })],
];

/** Returns the texts that contain a piece, once everything has loaded. */
async function loadTexts([, component, props, then]: View) {
  const app = createState();
  app.searchHere = false;
  const target = render(component as Component<Record<string, unknown>>, { ...props(app) }, app);
  await then?.(target);
  const findTexts = () => {
    const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT);
    const texts: { piece: string; row: string; element: Element }[] = [];
    while (walker.nextNode()) {
      const match = PIECE.exec(walker.currentNode.textContent ?? '');
      const element = walker.currentNode.parentElement!;
      if (match && !element.closest('.hidden'))
        texts.push({ piece: match[0], row: match[1]!, element });
    }
    return texts;
  };
  return vi.waitFor(async () => {
    await tick();
    flushSync();
    const texts = findTexts();
    expect(texts.length).toBeGreaterThan(0);
    return { target, texts };
  });
}

/** Returns an element and its ancestors within `target`, innermost first. */
function ancestors(element: Element, target: Element): Element[] {
  const all = [];
  for (let node: Element | null = element; node && node !== target; node = node.parentElement)
    all.push(node);
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

describe.each(views)('%s', (...scene) => {
  test('each piece has its own direction', async () => {
    const { target, texts } = await loadTexts(scene);
    const pieceOf = new Map<Element, string>();
    for (const { piece, element } of texts) {
      const isolate = element.closest('bdi, [dir=auto]')!;
      expect(target.contains(isolate), `${piece} in ${element.outerHTML}`).toBe(true);
      // No isolate contains two pieces.
      expect(pieceOf.get(isolate) ?? piece).toBe(piece);
      pieceOf.set(isolate, piece);
    }
  });

  test('stacked marks on a letter do not cover other rows', async () => {
    const { target, texts } = await loadTexts(scene);
    for (const { piece, row, element } of texts) {
      // The system draws the options of a select element in its own window.
      if (element.matches('option')) continue;
      const clip = ancestors(element, target).find(isClipped);
      expect(clip, `${piece} in ${element.outerHTML}`).toBeDefined();
      const others = texts.filter((other) => other.row !== row && clip!.contains(other.element));
      expect(others, `beside ${piece} in ${clip!.outerHTML}`).toEqual([]);
    }
  });

  test('text that does not fit is truncated at its end', async () => {
    const { target, texts } = await loadTexts(scene);
    const isTruncated = (element: Element) => getComputedStyle(element).textOverflow === 'ellipsis';
    for (const { piece, element } of texts) {
      const truncated = ancestors(element, target).find(isTruncated);
      if (truncated)
        expect(truncated.getAttribute('dir'), `${piece} in ${truncated.outerHTML}`).toMatch(
          /^(auto|rtl)$/,
        );
    }
  });
});
