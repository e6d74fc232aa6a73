import { describe, expect, test, vi } from 'vitest';
import type { Action, ConversationSummary, Ipc, SyncStatus, TimelinePage } from '../ipc';
import { AppState } from './app.svelte';

/** Returns a promise, and the function with which the test resolves it. */
function later<T>() {
  let answer!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer };
}

const status = (connection: string) => ({ connection }) as unknown as SyncStatus;
const row = (id: string, preview: string) =>
  ({ id, preview, activeAt: 1, kind: 'group', left: false }) as unknown as ConversationSummary;

describe('the state of the window', () => {
  test('an older status response does not replace a newer one', async () => {
    const answers = [later<SyncStatus>(), later<SyncStatus>()];
    let asked = 0;
    const app = new AppState({ syncStatus: () => answers[asked++]!.promise } as unknown as Ipc);
    const readings = [app.changes.status(), app.changes.status()];
    answers[1]!.answer(status('online'));
    answers[0]!.answer(status('connecting'));
    await Promise.all(readings);
    expect(app.status).toEqual(status('online'));
  });

  test('changes made while the window starts are loaded', async () => {
    const ipc = {
      syncStatus: () => Promise.resolve(status('online')),
      conversations: () => Promise.resolve([row('a', 'news')]),
      setting: () => Promise.resolve(null),
      choice: () => Promise.resolve(null),
      administers: () => Promise.resolve(false),
      accountInfo: () => Promise.resolve(null),
    };
    const app = new AppState(ipc as unknown as Ipc);
    const opened: string[] = [];
    app.open = async (id) => void opened.push(id);
    app.status = status('connecting');
    await app.changes.catchUp();
    expect(app.status).toEqual(status('online'));
    expect(app.conversations).toEqual([row('a', 'news')]);
    // No conversation was open, since there was none; the first one is opened.
    expect(opened).toEqual(['a']);
  });

  test('older conversation rows do not replace newer ones', async () => {
    const answers = [later<ConversationSummary[]>(), later<ConversationSummary[]>()];
    let asked = 0;
    const ipc = { conversationsById: () => answers[asked++]!.promise, watch: () => undefined };
    const app = new AppState(ipc as unknown as Ipc);
    app.open = () => Promise.resolve();
    const changed = {
      account: 'x',
      conversations: ['a'],
      everything: false,
      statuses: false,
      pictures: false,
      choices: false,
      outbox: false,
    };
    const readings = [app.changes.show(changed), app.changes.show(changed)];
    answers[1]!.answer([row('a', 'newer')]);
    answers[0]!.answer([row('a', 'older')]);
    await Promise.all(readings);
    expect(app.conversations).toEqual([row('a', 'newer')]);
  });

  test('requests for all rows during a load lead to one more load', async () => {
    const answers = [later<ConversationSummary[]>(), later<ConversationSummary[]>()];
    let asked = 0;
    const app = new AppState({ conversations: () => answers[asked++]!.promise } as unknown as Ipc);
    const first = app.loadAllConversations();
    await vi.waitFor(() => expect(asked).toBe(1));
    const more = [1, 2, 3].map(() => app.loadAllConversations());
    answers[0]!.answer([row('a', 'older')]);
    await first;
    answers[1]!.answer([row('a', 'newer')]);
    await Promise.all(more);
    expect(asked).toBe(2);
    expect(app.conversations).toEqual([row('a', 'newer')]);
  });

  test('marking a conversation as unread while it opens is kept', async () => {
    const page = later<TimelinePage>();
    const done: Action[] = [];
    const ipc = {
      timeline: () => page.promise,
      watch: () => undefined,
      act: (_: string, action: Action) => Promise.resolve(void done.push(action)),
      markRead: () => Promise.reject(new Error('nobody came back')),
    };
    const app = new AppState(ipc as unknown as Ipc);
    app.conversations = [row('a', 'news')];
    const opening = app.open('a');
    app.conversations = [{ ...row('a', 'news'), unread: 3, markedUnread: true }];
    page.answer({ items: [], atOldest: true, atNewest: true, missingOlder: false });
    await opening;
    expect(done).toEqual([]);
  });
});

test('the same toast again is a new toast', () => {
  const app = new AppState({} as Ipc);
  app.toast = 'Copied.';
  const first = app.told;
  app.toast = 'Copied.';
  expect(app.toast).toBe('Copied.');
  expect(app.told).not.toBe(first);
});

test('a new name of the server or of the user is shown at once', async () => {
  const account = {
    server: 'https://a',
    userId: 'w',
    username: 'wren',
    serverPicture: null,
    welcome: '',
    hasPresence: true,
  };
  const named = (name: string, serverName: string | null) => ({ ...account, name, serverName });
  let now = named('wren', null);
  const ipc = {
    accountInfo: () => Promise.resolve(now),
    conversations: () => Promise.resolve([]),
    administers: () => Promise.resolve(false),
  };
  const app = new AppState(ipc as unknown as Ipc);
  app.account = now;
  now = named('Wren Okafor', 'Workshop');
  const none = { statuses: false, pictures: false, choices: false, outbox: false };
  const quiet = { account: 'x', conversations: [], ...none };
  await app.changes.show({ ...quiet, everything: true });
  expect(app.account).toEqual(now);
});
