import { expect, test, vi } from 'vitest';
import { Failure, type Ipc, type PersonInfo } from '../ipc';
import { AppState } from './app.svelte';

/** Returns the window's state with these commands. Every other command returns nothing. */
function appWith(ipc: Partial<Ipc>): AppState {
  const nothing = () => Promise.resolve(undefined);
  const get = (target: Ipc, name: string) => Reflect.get(target, name) ?? nothing;
  return new AppState(new Proxy(ipc as Ipc, { get }));
}

const rows = (name: string) => [{ id: name, username: name }] as PersonInfo[];

test('a late response does not replace a newer one', async () => {
  const responses: ((rows: PersonInfo[]) => void)[] = [];
  const app = appWith({ everybody: () => new Promise((resolve) => responses.push(resolve)) });
  app.administration.open('people');
  const loading = [app.administration.load(), app.administration.load()];
  responses[1]!(rows('newer'));
  responses[0]!(rows('older'));
  await Promise.all(loading);
  expect(app.administration.people.rows).toEqual(rows('newer'));
});

test('losing the administrator role closes the administration immediately', async () => {
  let isAdministrator = true;
  const app = appWith({
    administers: () => Promise.resolve(isAdministrator),
    everybody: () => Promise.resolve(rows('oak')),
    conversations: () => Promise.resolve([]),
  });
  const unchanged = { statuses: false, pictures: false, choices: false, outbox: false };
  const changed = { account: 'x', conversations: [], ...unchanged };
  await app.changes.show({ ...changed, everything: true });
  expect(app.administers).toBe(true);
  app.administration.open('people');
  isAdministrator = false;
  await app.changes.show({ ...changed, everything: true });
  expect([app.administers, app.administration.page]).toEqual([false, null]);
});

test('repeated changes of people cause one load at a time, and one more at the end', async () => {
  const responses: ((rows: PersonInfo[]) => void)[] = [];
  const app = appWith({ everybody: () => new Promise((resolve) => responses.push(resolve)) });
  app.administration.open('people');
  const refreshing = [1, 2, 3, 4].map(() => app.administration.refresh());
  expect(responses.length).toBe(1);
  responses[0]!(rows('older'));
  await vi.waitFor(() => expect(responses.length).toBe(2));
  responses[1]!(rows('newer'));
  await Promise.all(refreshing);
  expect(app.administration.people.rows).toEqual(rows('newer'));
  expect(responses.length).toBe(2);
});

test('a failure is shown only on its page', async () => {
  const app = appWith({
    everybody: () => Promise.reject(new Failure({ code: 'forbidden', reason: null })),
    invitations: () => Promise.resolve([]),
  });
  app.administration.open('people');
  await app.administration.load();
  expect(app.administration.failure).not.toBe('');
  app.administration.open('invitations');
  await app.administration.load();
  expect(app.administration.failure).toBe('');
});

test('opening a conversation leaves the page', async () => {
  const app = appWith({
    conversations: () => Promise.resolve([]),
    timeline: () => new Promise(() => undefined),
  });
  app.administration.open('groups');
  void app.open('a');
  expect(app.administration.page).toBe(null);
  app.administration.open('groups');
  app.showPanel('outbox');
  expect([app.administration.page, app.panel]).toEqual([null, 'outbox']);
});
