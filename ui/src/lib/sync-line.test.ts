import { expect, test } from 'vitest';
import type { SyncStatus } from '../ipc';
import { syncLine } from './sync-line';

const status: SyncStatus = {
  connection: 'online',
  reason: null,
  waiting: 0,
  refused: 0,
  history: { total: 1_297_822, here: 1_297_822 },
  storageError: null,
  isFull: false,
  repaired: 0,
  salvaged: null,
  resets: 0,
  failingStreams: 0,
  isComparing: false,
};
const lineOf = (changed: Partial<SyncStatus>) => {
  const { state, details } = syncLine({ ...status, ...changed });
  return [state, ...details].join(' · ');
};

test('the line describes the state of synchronization', () => {
  expect(lineOf({})).toBe('Up to date');
  expect(lineOf({ connection: 'connecting', history: { total: 0, here: 0 } })).toBe('Connecting…');
  expect(lineOf({ connection: 'offline', waiting: 3 })).toBe(
    'Offline · 3 waiting to send · all 1,297,822 messages are on this computer',
  );
  expect(lineOf({ connection: 'polling', waiting: 1 })).toBe(
    'Connected without live updates · checked every few seconds · 1 waiting to send',
  );
  expect(lineOf({ history: { total: 1_300_000, here: 412_000 } })).toBe(
    'Loading older history · 412,000 of 1,300,000',
  );
  expect(lineOf({ history: { total: 9_000, here: 4_000 }, isFull: true })).toBe(
    'Older history stays on the server · 4,000 of 9,000',
  );
  expect(lineOf({ refused: 1 })).toBe('The server refused 1 message');
  expect(lineOf({ failingStreams: 2 })).toBe('2 conversations could not be loaded, trying again');
  expect(lineOf({ salvaged: 2 })).toBe(
    'A file was damaged: 2 unsent actions were recovered, check your last messages',
  );
  expect(lineOf({ storageError: 'disk_full' })).toBe(
    'Disk full · free some disk space to continue',
  );
});

test('the reason is shown only while offline or without live updates', () => {
  const reason = 'The connection to the server ended.';
  const problem = { code: 'offline', reason: { key: 'connectionEnded' } } as const;
  const reasonOf = (connection: SyncStatus['connection']) =>
    syncLine({ ...status, connection, reason: problem }).reason;
  expect(reasonOf('offline')).toBe(reason);
  expect(reasonOf('polling')).toBe(reason);
  expect(reasonOf('online')).toBeNull();
  expect(reasonOf('connecting')).toBeNull();
});
