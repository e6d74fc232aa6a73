import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../../ipc';
import type { HealthFinding, Ipc, ServerChange, ServerState, SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import Server from './Server.svelte';

const DAY = 24 * 3600 * 1000;
const CHECKS = ['database', 'disk', 'certificate', 'backup', 'clock'] as const;
const fine: HealthFinding[] = CHECKS.map((check) => ({ check, state: 'ok' }));
const state: ServerState = {
  ...{ name: 'Workshop', saidName: null, welcome: 'Say hello.', publicUrl: null },
  ...{ registration: 'invitation', presence: true, version: '0.1.0' },
  ...{ since: Date.now() - 3 * DAY, people: 12, sessions: 20, sockets: 7 },
  ...{ database: 'sqlite', databaseBytes: 3_140_000, diskFree: 9_600_000_000 },
  certificate: { kind: 'acme', expiresAt: Date.now() + 61.5 * DAY, retryAt: null },
  backups: { planned: true, lastAt: Date.now() - DAY, lastBytes: 2_000_000, failedAt: null },
  ...{ clockBehind: 0, unready: null, health: fine },
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function page(told: ServerState, ipc: Partial<Ipc> = {}) {
  const setDefaultGroups = vi.fn((_: string[]) => Promise.resolve(null));
  const changeServer = vi.fn((_: ServerChange) => Promise.resolve(null));
  const serverState = vi.fn(() => Promise.resolve(told));
  const app = appWith({
    serverState,
    changeServer,
    defaultGroups: () => Promise.resolve([{ id: 'g', title: 'workshop', withheld: null }]),
    setDefaultGroups,
    ...ipc,
  });
  app.status = { connection: 'online' } as SyncStatus;
  app.administration.page = 'server';
  const target = mounted(Server, {}, app);
  await app.administration.load();
  flushSync();
  const field = <Field extends HTMLElement>(name: string) =>
    target.querySelector<Field>(`[name=${name}]`)!;
  /** Types into a field and leaves it. */
  const write = (name: string, words: string) => {
    const one = field<HTMLInputElement | HTMLTextAreaElement>(name);
    one.value = words;
    one.dispatchEvent(new Event('input', { bubbles: true }));
    one.dispatchEvent(new Event('change', { bubbles: true }));
    flushSync();
  };
  return { app, target, setDefaultGroups, changeServer, serverState, field, write };
}

test('the page says how the server is', async () => {
  const { target } = await page(state);
  const shown = target.textContent;
  for (const part of ['61 days left', 'SQLite, 3.1 MB', '7 of 20 devices']) {
    expect(shown).toContain(part);
  }
  expect(shown).toContain(text.serverSaysElsewhere);
});

test('health is told in words, each with what to do where anything is wrong', async () => {
  const { target } = await page(state);
  const items = [...target.querySelectorAll('li.ok')].map((one) => one.textContent!);
  expect(items).toHaveLength(CHECKS.length);
  expect(items.join(' ')).toContain('9.6 GB free');
  expect(target.querySelector('li small')).toBeNull();
  const bad = await page({
    ...state,
    ...{ unready: 'bus', diskFree: 40_000_000, clockBehind: 30 * 60_000 },
    certificate: { kind: 'files', expiresAt: Date.now() - DAY, retryAt: null },
    backups: { planned: true, lastAt: null, lastBytes: null, failedAt: Date.now() - DAY },
    health: CHECKS.map((check) => ({ check, state: 'error' })),
  });
  const wrong = [...bad.target.querySelectorAll('li.error')];
  expect(wrong).toHaveLength(CHECKS.length);
  for (const one of wrong) expect(one.querySelector('small')!.textContent).not.toBe('');
  const said = wrong.map((one) => one.textContent).join(' ');
  for (const part of [
    text.unready.bus,
    'Only 40 MB free',
    '30 minutes behind',
    'failed',
    'expired',
  ])
    expect(said).toContain(part);
});

test('it is loaded again while it is open, and what is being typed stays', async () => {
  const { app, serverState, field } = await page(state);
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

test('name, welcome and who may register hold as soon as they are chosen', async () => {
  const { app, target, changeServer, field, write } = await page(state);
  expect(field<HTMLInputElement>('serverName').value).toBe('Workshop');
  expect(field<HTMLTextAreaElement>('welcome').value).toBe('Say hello.');
  const settled = () => vi.waitFor(() => expect(app.administration.busy).toBe(false));
  write('serverName', 'The Wren');
  await settled();
  write('welcome', 'Come in.');
  await settled();
  const open = target.querySelector<HTMLInputElement>('[name=registration][value=open]')!;
  expect(open.checked).toBe(false);
  open.click();
  await settled();
  expect(changeServer.mock.calls.map(([change]) => change)).toEqual([
    ...[{ name: 'The Wren' }, { welcome: 'Come in.' }, { registration: 'open' }],
  ]);
  expect(app.toast).toBe(text.serverChanged);
});

test('what the server refuses is said, and what was typed stays to be corrected', async () => {
  const changeServer = () => Promise.reject(new Error('Not that.'));
  const { app, target, field, write } = await page(state, { changeServer });
  write('serverName', 'odd');
  const settled = () => vi.waitFor(() => expect(app.administration.failure).toBe('Not that.'));
  await settled();
  flushSync();
  expect(field<HTMLInputElement>('serverName').value).toBe('odd');
  const open = target.querySelector<HTMLInputElement>('[name=registration][value=open]')!;
  open.click();
  await settled();
  await vi.waitFor(() => expect(open.checked).toBe(false));
});

test('default groups are chosen at once, and one that nobody offers any more says so', async () => {
  const { target, setDefaultGroups } = await page(state, {
    defaultGroups: () => Promise.resolve([{ id: 'g', title: '', withheld: 'unattended' }]),
  });
  const said = text.withheld.unattended({ title: '' });
  expect(target.textContent).toContain(said);
  target.querySelector<HTMLButtonElement>('.groups button')!.click();
  await vi.waitFor(() => expect(setDefaultGroups).toHaveBeenCalledWith([]));
});

test('offline it is shown as it was last, and nothing can be chosen', async () => {
  const { app, target } = await page(state);
  app.status = { connection: 'offline' } as SyncStatus;
  flushSync();
  const controls = [
    ...target.querySelectorAll<HTMLInputElement>('input, textarea, .groups button'),
  ];
  expect(controls.length).toBeGreaterThan(5);
  expect(controls.every(({ disabled }) => disabled)).toBe(true);
});

test('presence and statuses can be switched off for everybody', async () => {
  const { changeServer, field } = await page(state);
  const box = field<HTMLInputElement>('presence');
  expect(box.checked).toBe(true);
  box.click();
  expect(changeServer).toHaveBeenLastCalledWith({ presence: false });
  const refused = () => Promise.reject(new Failure({ code: 'forbidden', reason: null }));
  const other = await page(state, { changeServer: refused });
  const again = other.field<HTMLInputElement>('presence');
  again.click();
  await vi.waitFor(() => expect(again.checked, 'as it is').toBe(true));
});
