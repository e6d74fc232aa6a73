import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../../ipc';
import type { HealthFinding, Ipc, ServerChange, ServerState, SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import Server from './Server.svelte';

const DAY = 24 * 3600 * 1000;
const CHECKS = ['database', 'disk', 'certificate', 'backup', 'clock'] as const;
const allOk: HealthFinding[] = CHECKS.map((check) => ({ check, state: 'ok' }));
const state: ServerState = {
  ...{ name: 'Workshop', saidName: null, welcome: 'Say hello.', publicUrl: null },
  ...{ registration: 'invitation', presence: true, version: '0.1.0' },
  ...{ since: Date.now() - 3 * DAY, people: 12, sessions: 20, sockets: 7 },
  ...{ database: 'sqlite', databaseBytes: 3_140_000, diskFree: 9_600_000_000 },
  certificate: { kind: 'acme', expiresAt: Date.now() + 61.5 * DAY, retryAt: null },
  backups: { planned: true, lastAt: Date.now() - DAY, lastBytes: 2_000_000, failedAt: null },
  ...{ clockBehind: 0, unready: null, health: allOk },
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function renderPage(response: ServerState, ipc: Partial<Ipc> = {}) {
  const setDefaultGroups = vi.fn((_: string[]) => Promise.resolve(null));
  const changeServer = vi.fn((_: ServerChange) => Promise.resolve(null));
  const serverState = vi.fn(() => Promise.resolve(response));
  const app = createApp({
    serverState,
    changeServer,
    defaultGroups: () => Promise.resolve([{ id: 'g', title: 'workshop', withheld: null }]),
    setDefaultGroups,
    ...ipc,
  });
  app.status = { connection: 'online' } as SyncStatus;
  app.administration.page = 'server';
  const target = render(Server, {}, app);
  await app.administration.load();
  flushSync();
  const field = <Field extends HTMLElement>(name: string) =>
    target.querySelector<Field>(`[name=${name}]`)!;
  /** Types into a field and leaves it. */
  const write = (name: string, words: string) => {
    const input = field<HTMLInputElement | HTMLTextAreaElement>(name);
    input.value = words;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
    flushSync();
  };
  return { app, target, setDefaultGroups, changeServer, serverState, field, write };
}

test('the page shows the state of the server', async () => {
  const { target } = await renderPage(state);
  const shown = target.textContent;
  for (const part of ['61 days left', 'SQLite, 3.1 MB', '7 of 20 devices']) {
    expect(shown).toContain(part);
  }
  expect(shown).toContain(text.configuredOnServer);
});

test('every health check has a description, and every problem a hint', async () => {
  const { target } = await renderPage(state);
  const items = [...target.querySelectorAll('li.ok')].map((item) => item.textContent!);
  expect(items).toHaveLength(CHECKS.length);
  expect(items.join(' ')).toContain('9.6 GB free');
  expect(target.querySelector('li small')).toBeNull();
  const bad = await renderPage({
    ...state,
    ...{ unready: 'bus', diskFree: 40_000_000, clockBehind: 30 * 60_000 },
    certificate: { kind: 'files', expiresAt: Date.now() - DAY, retryAt: null },
    backups: { planned: true, lastAt: null, lastBytes: null, failedAt: Date.now() - DAY },
    health: CHECKS.map((check) => ({ check, state: 'error' })),
  });
  const problems = [...bad.target.querySelectorAll('li.error')];
  expect(problems).toHaveLength(CHECKS.length);
  for (const item of problems) expect(item.querySelector('small')!.textContent).not.toBe('');
  const content = problems.map((item) => item.textContent).join(' ');
  for (const part of [
    text.unready.bus,
    'Only 40 MB free',
    '30 minutes behind',
    'failed',
    'expired',
  ])
    expect(content).toContain(part);
});

test('the open page reloads, and keeps what is being typed', async () => {
  const { app, serverState, field } = await renderPage(state);
  const before = serverState.mock.calls.length;
  const name = field<HTMLInputElement>('serverName');
  name.value = 'The Wr';
  name.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(serverState.mock.calls.length).toBe(before + 1);
  flushSync();
  expect(name.value).toBe('The Wr');
  app.status = { connection: 'offline' } as SyncStatus;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(serverState.mock.calls.length).toBe(before + 1);
});

test('name, welcome text and registration are changed immediately', async () => {
  const { app, target, changeServer, field, write } = await renderPage(state);
  expect(field<HTMLInputElement>('serverName').value).toBe('Workshop');
  expect(field<HTMLTextAreaElement>('welcome').value).toBe('Say hello.');
  const finished = () => vi.waitFor(() => expect(app.administration.busy).toBe(false));
  write('serverName', 'The Wren');
  await finished();
  write('welcome', 'Come in.');
  await finished();
  const open = target.querySelector<HTMLInputElement>('[name=registration][value=open]')!;
  expect(open.checked).toBe(false);
  open.click();
  await finished();
  expect(changeServer.mock.calls.map(([change]) => change)).toEqual([
    ...[{ name: 'The Wren' }, { welcome: 'Come in.' }, { registration: 'open' }],
  ]);
  expect(app.toast).toBe(text.serverChanged);
});

test('a refusal by the server is shown, and the typed text stays', async () => {
  const changeServer = () => Promise.reject(new Error('Not that.'));
  const { app, target, field, write } = await renderPage(state, { changeServer });
  write('serverName', 'odd');
  const finished = () => vi.waitFor(() => expect(app.administration.failure).toBe('Not that.'));
  await finished();
  flushSync();
  expect(field<HTMLInputElement>('serverName').value).toBe('odd');
  const open = target.querySelector<HTMLInputElement>('[name=registration][value=open]')!;
  open.click();
  await finished();
  await vi.waitFor(() => expect(open.checked).toBe(false));
});

test('default groups are changed immediately, and an unavailable one has a warning', async () => {
  const { target, setDefaultGroups } = await renderPage(state, {
    defaultGroups: () => Promise.resolve([{ id: 'g', title: '', withheld: 'unattended' }]),
  });
  const content = text.withheld.unattended({ title: '' });
  expect(target.textContent).toContain(content);
  target.querySelector<HTMLButtonElement>('.groups button')!.click();
  await vi.waitFor(() => expect(setDefaultGroups).toHaveBeenCalledWith([]));
});

test('offline the last state is shown, and nothing can be changed', async () => {
  const { app, target } = await renderPage(state);
  app.status = { connection: 'offline' } as SyncStatus;
  flushSync();
  const controls = [
    ...target.querySelectorAll<HTMLInputElement>('input, textarea, .groups button'),
  ];
  expect(controls.length).toBeGreaterThan(5);
  expect(controls.every(({ disabled }) => disabled)).toBe(true);
});

test('presence and statuses can be switched off for everybody', async () => {
  const { changeServer, field } = await renderPage(state);
  const box = field<HTMLInputElement>('presence');
  expect(box.checked).toBe(true);
  box.click();
  expect(changeServer).toHaveBeenLastCalledWith({ presence: false });
  const refused = () => Promise.reject(new Failure({ code: 'forbidden', reason: null }));
  const other = await renderPage(state, { changeServer: refused });
  const again = other.field<HTMLInputElement>('presence');
  again.click();
  await vi.waitFor(() => expect(again.checked, 'unchanged').toBe(true));
});
