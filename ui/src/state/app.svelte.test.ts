import { describe, expect, test, vi } from 'vitest';
import type { Action, ConversationSummary, Ipc, SyncStatus, TimelinePage } from '../ipc';
import { AppState } from './app.svelte';

/** Returns a promise, and the function with which the test resolves it. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}

const status = (connection: string) => ({ connection }) as unknown as SyncStatus;
const row = (id: string, preview: string) =>
  ({ id, preview, activeAt: 1, kind: 'group', left: false }) as unknown as ConversationSummary;

describe('the state of the window', () => {
  test('an older status response does not replace a newer one', async () => {
    const responses = [deferred<SyncStatus>(), deferred<SyncStatus>()];
    let requestCount = 0;
    const app = new AppState({
      syncStatus: () => responses[requestCount++]!.promise,
    } as unknown as Ipc);
    const loads = [app.changes.status(), app.changes.status()];
    responses[1]!.resolve(status('online'));
    responses[0]!.resolve(status('connecting'));
    await Promise.all(loads);
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
    const responses = [deferred<ConversationSummary[]>(), deferred<ConversationSummary[]>()];
    let requestCount = 0;
    const ipc = {
      conversationsById: () => responses[requestCount++]!.promise,
      watch: () => undefined,
    };
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
    const loads = [app.changes.show(changed), app.changes.show(changed)];
    responses[1]!.resolve([row('a', 'newer')]);
    responses[0]!.resolve([row('a', 'older')]);
    await Promise.all(loads);
    expect(app.conversations).toEqual([row('a', 'newer')]);
  });

  test('requests for all rows during a load lead to one more load', async () => {
    const responses = [deferred<ConversationSummary[]>(), deferred<ConversationSummary[]>()];
    let requestCount = 0;
    const app = new AppState({
      conversations: () => responses[requestCount++]!.promise,
    } as unknown as Ipc);
    const first = app.loadAllConversations();
    await vi.waitFor(() => expect(requestCount).toBe(1));
    const more = [1, 2, 3].map(() => app.loadAllConversations());
    responses[0]!.resolve([row('a', 'older')]);
    await first;
    responses[1]!.resolve([row('a', 'newer')]);
    await Promise.all(more);
    expect(requestCount).toBe(2);
    expect(app.conversations).toEqual([row('a', 'newer')]);
  });

  test('marking a conversation as unread while it opens is not undone', async () => {
    const page = deferred<TimelinePage>();
    const actions: Action[] = [];
    const ipc = {
      timeline: () => page.promise,
      watch: () => undefined,
      act: (_: string, action: Action) => Promise.resolve(void actions.push(action)),
      markRead: () => Promise.reject(new Error('unexpected')),
    };
    const app = new AppState(ipc as unknown as Ipc);
    app.conversations = [row('a', 'news')];
    const opening = app.open('a');
    app.conversations = [{ ...row('a', 'news'), unread: 3, markedUnread: true }];
    page.resolve({ items: [], atOldest: true, atNewest: true, missingOlder: false });
    await opening;
    expect(actions).toEqual([]);
  });
});

test('a repeated toast is shown again', () => {
  const app = new AppState({} as Ipc);
  app.toast = 'Copied.';
  const first = app.toastId;
  app.toast = 'Copied.';
  expect(app.toast).toBe('Copied.');
  expect(app.toastId).not.toBe(first);
});

test('a changed name of the server or of the user is shown immediately', async () => {
  const account = {
    server: 'https://a',
    userId: 'w',
    username: 'wren',
    serverPicture: null,
    welcome: '',
    hasPresence: true,
  };
  const accountNamed = (name: string, serverName: string | null) => ({
    ...account,
    name,
    serverName,
  });
  let now = accountNamed('wren', null);
  const ipc = {
    accountInfo: () => Promise.resolve(now),
    conversations: () => Promise.resolve([]),
    administers: () => Promise.resolve(false),
  };
  const app = new AppState(ipc as unknown as Ipc);
  app.account = now;
  now = accountNamed('Wren Okafor', 'Workshop');
  const none = { statuses: false, pictures: false, choices: false, outbox: false };
  const unchanged = { account: 'x', conversations: [], ...none };
  await app.changes.show({ ...unchanged, everything: true });
  expect(app.account).toEqual(now);
});
