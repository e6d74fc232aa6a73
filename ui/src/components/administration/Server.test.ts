import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc, ServerState, SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import Server from './Server.svelte';

const DAY = 24 * 3600 * 1000;
const state: ServerState = {
  ...{ name: 'Workshop', publicUrl: null, registration: 'invitation', version: '0.1.0' },
  ...{ since: Date.now() - 3 * DAY, people: 12, sessions: 20, sockets: 7 },
  ...{ database: 'sqlite', databaseBytes: 3_140_000 },
  certificate: { kind: 'acme', expiresAt: Date.now() + 61.5 * DAY, retryAt: null },
  backups: { planned: true, lastAt: null, lastBytes: null, failedAt: null },
};

async function page(told: ServerState, ipc: Partial<Ipc> = {}) {
  const setDefaultGroups = vi.fn((_: string[]) => Promise.resolve(null));
  const app = appWith({
    serverState: () => Promise.resolve(told),
    defaultGroups: () => Promise.resolve([{ id: 'g', title: 'workshop' }]),
    setDefaultGroups,
    ...ipc,
  });
  app.status = { connection: 'online' } as SyncStatus;
  app.administration.page = 'server';
  const target = mounted(Server, {}, app);
  await app.administration.load();
  flushSync();
  return { app, target, setDefaultGroups };
}

test('the page says how the server is, and what is set where it runs', async () => {
  const { target } = await page(state);
  const shown = target.textContent;
  for (const part of ['Workshop', '61 days left', 'SQLite, 3.1 MB', '7 of 20 devices'])
    expect(shown).toContain(part);
  expect(shown).toContain(text.registrations.invitation);
  expect(shown).toContain(text.noBackup);
  expect(shown).toContain(text.serverSaysElsewhere);
  expect(target.querySelector('.warning')).toBeNull();
});

test('a certificate that is late and a backup that failed are said first', async () => {
  const { target } = await page({
    ...state,
    certificate: { kind: 'acme', expiresAt: Date.now() - DAY, retryAt: Date.now() + 60_000 },
    backups: { planned: true, lastAt: null, lastBytes: null, failedAt: Date.now() - DAY },
  });
  expect(target.querySelectorAll('.warning')).toHaveLength(2);
});

test('default groups are chosen at once', async () => {
  const { target, setDefaultGroups } = await page(state);
  target.querySelector<HTMLButtonElement>('.groups button')!.click();
  await vi.waitFor(() => expect(setDefaultGroups).toHaveBeenCalledWith([]));
});
