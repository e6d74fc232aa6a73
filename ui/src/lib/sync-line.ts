/** What the line at the bottom of the sidebar says: the truth, in words. */
import type { SyncStatus } from '../ipc';
import { count } from './text';

export type SyncLine = {
  /** The first words, and whether they are a warning. */
  state: string;
  warn: boolean;
  /** The rest. */
  details: string[];
  /** Why it is so, for who wants to do something about it. */
  reason: string | null;
};

const STATES = {
  connecting: 'Connecting…',
  online: '',
  polling: 'Connected without live updates',
  offline: 'Offline',
  signedOut: 'Signed out',
  outdated: 'Update needed',
} as const;

export function syncLine(status: SyncStatus): SyncLine {
  const { connection, reason } = status;
  const isOddly = connection === 'offline' || connection === 'polling';
  return { ...said(status), reason: isOddly ? reason : null };
}

function said(status: SyncStatus): Omit<SyncLine, 'reason'> {
  const { connection, waiting, refused, history, trouble, salvaged, stuck } = status;
  const isUp = connection === 'online' || connection === 'polling';
  const missing = history.total - history.here;
  const details: string[] = [];
  if (refused > 0) details.push(`the server refused ${count(refused, 'message', 'messages')}`);
  if (waiting > 0) details.push(`${waiting.toLocaleString('en')} waiting to send`);
  if (stuck > 0 && isUp) {
    details.push(
      `${count(stuck, 'conversation', 'conversations')} could not be fetched, tried again`,
    );
  }
  if (salvaged !== null) {
    const kept = count(salvaged, 'action', 'actions');
    details.push(
      `a file was damaged: ${kept} that waited could be read, look at what you wrote last`,
    );
  }
  if (trouble === 'disk_full') {
    return {
      state: 'Disk full',
      warn: true,
      details: ['nothing new is kept until there is room', ...details],
    };
  }
  if (trouble) return { state: 'Files not readable', warn: true, details };
  if (missing > 0) {
    const done = `${history.here.toLocaleString('en')} of ${history.total.toLocaleString('en')}`;
    const fetching = isUp ? 'Fetching older history' : 'older history to fetch';
    const words = status.isFull ? 'older history stays on the server' : fetching;
    details.push(`${words} · ${done}`);
  } else if (!isUp && history.total > 0) {
    details.push(`all ${count(history.total, 'message is', 'messages are')} on this computer`);
  }
  if (connection !== 'online') {
    if (connection === 'polling') details.unshift('news comes every few seconds');
    return { state: STATES[connection], warn: connection !== 'connecting', details };
  }
  if (details.length === 0) return { state: 'Up to date', warn: false, details };
  const [first, ...rest] = details as [string, ...string[]];
  const state = first.charAt(0).toUpperCase() + first.slice(1);
  return { state, warn: refused > 0 || stuck > 0 || salvaged !== null, details: rest };
}
