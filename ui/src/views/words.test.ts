import { flushSync, tick, type Component } from 'svelte';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp, render } from '../components/render';
import type { ClosedBecause, ConversationSummary, Ipc, Member, TimelineItem } from '../ipc';
import { formatFull, formatShort } from '../lib/format-time';
import { setLanguage } from '../lib/text';
import { Accounts } from '../state/accounts.svelte';
import type { AppState } from '../state/app.svelte';
import { Timeline } from '../state/timeline.svelte';
import Account from './Account.svelte';
import Closed from './Closed.svelte';
import SignIn from './SignIn.svelte';
import Workspace from './Workspace.svelte';

/** Names without Latin letters, so that every Latin letter on the screen comes from the app. */
const NAMES = ['רון', 'נעה', 'גיל'];
const SERVER = '127.0.0.1';
const DAY = 86_400_000;
const NOW = Date.now();

const message = (seq: number, more: object = {}) =>
  ({
    ...{ id: `m${seq}`, seq, senderId: `u${seq}`, sender: NAMES[seq % 3], body: 'שלום' },
    ...{ blocks: null, sentAt: NOW - (9 - seq) * DAY, mentions: [], reactions: [], replyTo: null },
    files: [],
    ...{ own: false, delivery: { state: 'sent' } },
    ...more,
  }) as unknown as TimelineItem;
const quoteMissing = { id: 'q', seq: null, sender: '', body: '', deleted: false };
const FILE = { hash: 'h', bytes: 9, name: NAMES[0], mediaType: 'application/pdf', kind: {} };
const PICTURE = { ...FILE, mediaType: 'image/png', kind: { type: 'picture', width: 8, height: 8 } };
const ITEMS = [
  message(1, { edited: true, pinned: true, saved: true }),
  message(2, { deleted: true }),
  message(3, {
    replyTo: quoteMissing,
    reactions: [{ emoji: '🎉', count: 5, own: true, names: [] }],
  }),
  message(4, { seq: null, own: true, delivery: { state: 'waiting' }, files: [PICTURE, FILE] }),
  message(6, { body: '', files: [PICTURE, FILE] }),
  message(5, {
    ...{ seq: null, own: true },
    delivery: { state: 'refused', code: 'read_only', reason: null },
  }),
];

const conversation = (id: string, more: object = {}) =>
  ({
    ...{ id, kind: 'group', role: 'owner', title: NAMES[0], topic: 'שיחה', preview: 'שלום' },
    ...{ sender: NAMES[1], activeAt: NOW, unread: 0, draft: null, pinnedAt: null, peer: null },
    peerId: null,
    ...{ waiting: 0, lastSeq: 5, removal: 'keep' },
    ...more,
  }) as unknown as ConversationSummary;
const CONVERSATIONS = [
  conversation('c1', { unread: 2000 }),
  conversation('c2', { pinnedAt: 1, draft: { body: 'שלום', replyTo: null }, own: true }),
  conversation('c3', { kind: 'p2p', peer: 'deactivated', markedUnread: true }),
  conversation('c4', { archived: true }),
  conversation('c5', { left: true }),
];
const member = (n: number, role: string) =>
  ({
    ...{ id: `u${n}`, username: NAMES[n], name: NAMES[n], role, state: 'active' },
    lastReadSeq: 9,
  }) as unknown as Member;

const ipc = {
  members: async () => [member(0, 'owner'), member(1, 'administrator'), member(2, 'member')],
  memberCount: async () => 3,
  people: async () => [],
  activity: async () => ({
    next: null,
    entries: (['mention', 'all', 'reply', 'reaction', 'keyword'] as const).map((cause, n) => ({
      ...{ position: { at: NOW, conversationId: 'c1', seq: 1 }, messageId: `m${n}`, cause },
      ...{ keyword: cause === 'keyword' ? NAMES[0] : null, title: NAMES[0], isDirect: false },
      ...{ person: 'u1', names: NAMES.slice(0, 2), others: 2, emoji: ['🎉'], line: 'שלום' },
      isNew: n === 0,
    })),
  }),
  activityCount: async () => 3,
  personCard: async (id: string) => ({
    ...{ id, username: NAMES[1], name: NAMES[2], role: 'administrator', state: 'active' },
    ...{ profile: { displayName: NAMES[2], about: 'שלום', timeZone: 'Etc/GMT+9' }, isAlike: true },
  }),
  outbox: async () =>
    ['send', 'read', 'archive'].map((type, n) => ({
      ...{ id: `o${n}`, conversationId: 'c1', action: { type }, body: null, createdAt: NOW },
      files: [],
      delivery: { state: 'refused', code: 'read_only', reason: null },
    })),
  sessions: async () =>
    [true, false].map((current) => ({
      ...{ id: current, name: NAMES[0], address: SERVER, createdAt: NOW, lastUsedAt: NOW },
      current,
    })),
  fileStates: async (hashes: string[]) =>
    hashes.map((hash) => ({ hash, isHere: false, transfer: null })),
  staged: async () => [{ id: 1, file: PICTURE, asFile: false, canBePicture: true }],
  files: async () => ({
    files: [
      ...[PICTURE, FILE].map((file, index) => ({
        ...{ file, index, messageId: 'm6', conversationId: 'c1', seq: 6, sentAt: NOW },
        ...{ senderId: 'u1', sender: NAMES[1], isHere: false },
      })),
    ],
    next: { sentAt: 1, key: 6 },
  }),
  saved: async () => [],
  pinned: async () => [],
  edits: async () => [{ number: 1, body: 'שלום', replacedAt: NOW }],
  search: async () => ({ hits: [], next: null }),
  historyLimit: async () => ({ bytes: 5 * 1024 ** 3, messages: 1000 }),
  hasPassphrase: async () => true,
  setting: async () => null,
  timeline: async () => ({ items: ITEMS, atOldest: true, atNewest: true, missingOlder: false }),
  accounts: async () => TILES,
  everybody: async () =>
    [null, NOW].map((deactivatedAt, n) => ({
      ...{ id: `u${n}`, username: NAMES[n], displayName: NAMES[2], role: 'administrator' },
      ...{ lastSeen: null, deactivatedAt, hasPassword: true, sessions: 1, groups: 2, owned: 0 },
    })),
  invitations: async () => [
    {
      ...{ id: 'i', role: 'member', usesLeft: 2, expiresAt: NOW + DAY, createdAt: NOW, note: '' },
      ...{ createdBy: null, groups: [{ id: 'c9', title: '' }] },
    },
  ],
  ownerlessGroups: async () => [{ id: 'c8', title: NAMES[0], createdAt: NOW, memberCount: 3 }],
  defaultGroups: async () => [{ id: 'c9', title: '', withheld: 'unattended' }],
  serverState: async () => ({
    ...{ name: NAMES[0], saidName: NAMES[1], welcome: '', publicUrl: null, version: '0.1.0' },
    ...{ registration: 'open', since: NOW - DAY, people: 2, sessions: 2, sockets: 1 },
    ...{ database: 'sqlite', databaseBytes: 5e9, diskFree: 4e7, clockBehind: 6e6 },
    certificate: { kind: 'acme', expiresAt: NOW + DAY, retryAt: NOW + DAY },
    backups: { planned: true, lastAt: NOW - DAY, lastBytes: 9, failedAt: NOW - DAY },
    unready: 'schema',
    health: ['database', 'disk', 'backup', 'certificate', 'clock'].map((check) => ({
      check,
      state: 'error',
    })),
  }),
  desktopChoices: () => ({
    ...{ hasTray: true, closing: null, canStartAtLogin: true },
    ...{ startsAtLogin: true, startsMinimised: false, spelling: null },
  }),
  aboutProgram: () => ({ version: '1', system: '2', open: 1, closed: 0 }),
} as unknown as Partial<Ipc>;
const TILES = [
  {
    id: 'a',
    unread: 3,
    mentions: 2,
    info: { username: NAMES[0], name: NAMES[0], server: SERVER, serverName: null },
    closed: null,
  },
  { id: 'b', unread: 0, mentions: 0, info: null, closed: { because: 'passphrase' } },
];

function known(): AppState {
  const app = createApp(ipc);
  app.account = {
    ...{ userId: 'u0', username: NAMES[0], name: NAMES[0] },
    ...{ server: SERVER, serverName: NAMES[1], welcome: 'שלום' },
  } as typeof app.account;
  app.conversations = CONVERSATIONS;
  app.status = {
    ...{ connection: 'offline', reason: null, waiting: 3, refused: 1, storageError: null },
    ...{ history: { total: 9, here: 4 }, isFull: false, repaired: 2, salvaged: 1, resets: 1 },
    ...{ isComparing: false, failingStreams: 0 },
  };
  app.timeline = new Timeline('c1', app.ipc, 3);
  app.timeline.show({ items: ITEMS, atOldest: true, atNewest: true, missingOlder: false });
  return app;
}

const accounts = new Accounts(ipc as Ipc);
accounts.tiles = TILES as unknown as typeof accounts.tiles;
const closed = (because: object) => ({
  ...{ id: 'a', accounts, onshow: () => undefined },
  closed: because as ClosedBecause,
});
type Scene = [string, Component<never>, (app: AppState) => object, ((app: AppState) => unknown)?];
const workspace = (name: string, act?: (app: AppState) => unknown): Scene => [
  name,
  Workspace,
  () => ({ onsignedout: () => undefined }),
  act,
];
const show = (selector: string) => () =>
  document
    .querySelector<HTMLElement>(selector)!
    .dispatchEvent(new MouseEvent('click', { bubbles: true }));

const scenes: Scene[] = [
  ['signing in', SignIn, () => ({ onsignedin: () => undefined })],
  ['a passphrase', Closed, () => closed({ because: 'passphrase' })],
  ['a keychain', Closed, () => closed({ because: 'keychain', isPlain: false })],
  ['a lost key', Closed, () => closed({ because: 'keyLost', hasRecovery: true })],
  [
    'an account that was signed out',
    Closed,
    () =>
      closed({
        ...{ because: 'revoked', hasPassphrase: true },
        account: { username: NAMES[0], server: SERVER },
      }),
  ],
  [
    'another account',
    Account,
    (app) => ({ app, accounts, onshow: () => undefined }),
    (app) => (app.dialog = 'addAccount'),
  ],
  workspace('a conversation'),
  workspace(
    'a group that one left',
    (app) => (app.conversations = [conversation('c1', { left: true })]),
  ),
  workspace(
    'an archived group',
    (app) => (app.conversations = [conversation('c1', { archived: true })]),
  ),
  workspace('somebody who reads nothing', (app) => {
    app.conversations = [conversation('c1', { kind: 'p2p', peer: 'erased' })];
  }),
  workspace('nothing yet', (app) => ((app.timeline = null), (app.conversations = []))),
  workspace('the menu of a conversation', show('[aria-haspopup=menu]')),
  workspace('what one does with a message', (app) => {
    app.selection.toggle('m1');
    document.querySelector('.message')!.dispatchEvent(new FocusEvent('focusin'));
  }),
  workspace('an edit', (app) => (app.editing = ITEMS[0]!)),
  workspace('a reply', (app) => (app.replying = ITEMS[0]!)),
  workspace('what was edited', show('.edited')),
  workspace('emoji', show('.composer .emoji button')),
  workspace('a picture above everything', (app) => app.view('m6', 0)),
  workspace('files over the window', (app) => (app.files.over = 2)),
  workspace('a confirmation', (app) => app.removal.delete(ITEMS.slice(0, 2))),
  workspace('what is discarded', (app) => app.removal.discard('m5', true, 'שלום')),
  workspace('a profile', (app) => app.showCard('u1', document.querySelector('main')!)),
  workspace('one’s own profile', (app) => app.showCard('u0', document.querySelector('main')!)),
  workspace('something told', (app) => app.openMessage('m9')),
  ...(['people', 'invitations', 'groups', 'server'] as const).map((page) =>
    workspace(`the administrators’ page ${page}`, (app) => {
      app.status = { ...app.status!, connection: 'online' };
      app.administration.open(page);
    }),
  ),
  ...(['activity', 'unread'] as const).map((view) =>
    workspace(`the view ${view}`, (app) => app.inbox.open(view)),
  ),
  ...(['search', 'members', 'outbox', 'pinned', 'saved', 'files'] as const).map((panel) =>
    workspace(`the panel ${panel}`, (app) => (app.panel = panel)),
  ),
  ...(
    [
      ...([
        'jump',
        'message',
        'group',
        'forward',
        'day',
        'export',
        'levels',
        'settings',
        'shortcuts',
      ] as const),
      ...(['signIn', 'closing'] as const),
    ] as const
  ).map((dialog) => workspace(`the dialog ${dialog}`, (app) => (app.dialog = dialog))),
];

/** Attributes that are shown or read out. */
const SHOWN = ['aria-label', 'title', 'placeholder', 'alt', 'aria-description'];
/** Elements whose text comes from data of their own, and keys of the keyboard. */
const NOT_OURS = '.grid, kbd, select[aria-label] option';

/** Returns every text of the page that is shown or read out. */
function seen(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    if (!parentElement!.closest(`${NOT_OURS}, style, script`)) found.push(textContent ?? '');
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('.grid')) continue;
    for (const name of SHOWN) found.push(element.getAttribute(name) ?? '');
  }
  return found.filter((words) => words.trim() !== '');
}

/** Words in formatted times, which Intl writes, and names of keys, which are the same in every language. */
const words = Array.from({ length: 84 }, (_, n) => {
  const at = new Date(2026, n % 12, (n % 7) + 1).getTime();
  return [formatFull(at), formatShort(at, at + 3 * DAY), formatShort(at, at + 30 * DAY)];
}).flatMap((times) => times.join(' ').split(/[^A-Za-z]+/));
const ELSEWHERE = new RegExp(`\\b(?:${[...words, 'AM', 'PM'].filter(Boolean).join('|')})\\b`, 'g');
const KEY = /\((?:Ctrl\+)?(?:[A-Z+]|Delete)\)/g;

/** Returns the part of a text that does not come from a catalogue. */
const bare = (shown: string) =>
  shown
    .replaceAll(/\u202e[^\u202c]*\u202c/g, '')
    .replace(ELSEWHERE, '')
    .replace(KEY, '');

/** Opens a view and runs the action of its scene. */
async function open([, component, props, act]: Scene) {
  const app = known();
  render(component as Component<Record<string, unknown>>, { ...props(app) }, app);
  await settled();
  await act?.(app);
  await settled();
  // A view that has not loaded yet would pass without being checked.
  if (app.dialog) expect(document.querySelector('dialog')).not.toBeNull();
  if (app.panel) expect(document.querySelector('aside')).not.toBeNull();
}

describe.each(['en-XA', 'ar-XB'])('in %s', (tag) => {
  beforeAll(() => setLanguage(tag));
  afterAll(() => setLanguage('en'));

  test.each(scenes)('%s says nothing that is not in the catalogue', async (...scene) => {
    await open(scene);
    const shown = seen();
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((words) => /[a-z]/i.test(bare(words)))).toEqual([]);
    expect(document.documentElement.dir).toBe(tag === 'ar-XB' ? 'rtl' : 'ltr');
  });
});

test.each(scenes)('%s has no full stop on a button or a label', async (...scene) => {
  await open(scene);
  const labels = [
    ...document.querySelectorAll('button:not(.sync-line), label, legend, option, h2, h3'),
  ];
  const names = labels.flatMap((label) => [label.textContent, label.getAttribute('aria-label')]);
  expect(names.filter((name) => /\.$/.test(name?.trim() ?? ''))).toEqual([]);
  expect(names.filter(Boolean).length).toBeGreaterThan(1);
});

async function settled() {
  for (let n = 0; n < 10; n++) await tick();
  await vi.dynamicImportSettled();
  for (let n = 0; n < 10; n++) await tick();
  flushSync();
}
