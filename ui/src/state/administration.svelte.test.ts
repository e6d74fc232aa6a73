import { expect, test, vi } from 'vitest';
import { Failure, type Ipc, type PersonInfo } from '../ipc';
import { AppState } from './app.svelte';

/** Returns the window's state with these commands. Every other command returns nothing. */
function appWith(ipc: Partial<Ipc>): AppState {
  const nothing = () => Promise.resolve(undefined);
  const get = (held: Ipc, name: string) => Reflect.get(held, name) ?? nothing;
  return new AppState(new Proxy(ipc as Ipc, { get }));
}

const rows = (name: string) => [{ id: name, username: name }] as PersonInfo[];

test('an answer that was overtaken is not shown over a newer one', async () => {
  const answers: ((rows: PersonInfo[]) => void)[] = [];
  const app = appWith({ everybody: () => new Promise((answer) => answers.push(answer)) });
  app.administration.open('people');
  const loading = [app.administration.load(), app.administration.load()];
  answers[1]!(rows('newer'));
  answers[0]!(rows('older'));
  await Promise.all(loading);
  expect(app.administration.people.rows).toEqual(rows('newer'));
});

test('whoever is no administrator any more sees nothing of it, at once', async () => {
  let isAdministrator = true;
  const app = appWith({
    administers: () => Promise.resolve(isAdministrator),
    everybody: () => Promise.resolve(rows('oak')),
    conversations: () => Promise.resolve([]),
  });
  const quiet = { statuses: false, pictures: false, choices: false, outbox: false };
  const changed = { account: 'x', conversations: [], ...quiet };
  await app.changes.show({ ...changed, everything: true });
  expect(app.administers).toBe(true);
  app.administration.open('people');
  isAdministrator = false;
  await app.changes.show({ ...changed, everything: true });
  expect([app.administers, app.administration.page]).toEqual([false, null]);
});

test('people who change again and again are loaded once at a time, and once more at the end', async () => {
  const answers: ((rows: PersonInfo[]) => void)[] = [];
  const app = appWith({ everybody: () => new Promise((answer) => answers.push(answer)) });
  app.administration.open('people');
  const following = [1, 2, 3, 4].map(() => app.administration.follow());
  expect(answers.length).toBe(1);
  answers[0]!(rows('older'));
  await vi.waitFor(() => expect(answers.length).toBe(2));
  answers[1]!(rows('newer'));
  await Promise.all(following);
  expect(app.administration.people.rows).toEqual(rows('newer'));
  expect(answers.length).toBe(2);
});

test('a failure is that of the page on which it happened', async () => {
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
