/** The texts of the sync line at the bottom of the sidebar. */
import type { SyncStatus } from '../ipc';
import { problemText, text } from './text';

export type SyncLine = {
  /** The main text, and whether it is a warning. */
  state: string;
  warn: boolean;
  /** Further texts. */
  details: string[];
  /** The cause of the state, for users who want to do something about it. */
  reason: string | null;
};

export function syncLine(status: SyncStatus): SyncLine {
  const { connection, reason } = status;
  const hasReason = connection === 'offline' || connection === 'polling';
  return { ...describe(status), reason: hasReason && reason ? problemText(reason) : null };
}

function describe(status: SyncStatus): Omit<SyncLine, 'reason'> {
  const { connection, waiting, refused, history, storageError, salvaged, failingStreams } = status;
  const isConnected = connection === 'online' || connection === 'polling';
  const missing = history.total - history.here;
  const details: string[] = [];
  if (refused > 0) details.push(text.refusedCount({ n: refused }));
  if (waiting > 0) details.push(text.waitingCount({ n: waiting }));
  if (failingStreams > 0 && isConnected) details.push(text.failingCount({ n: failingStreams }));
  if (salvaged !== null) details.push(text.salvagedCount({ n: salvaged }));
  if (storageError === 'disk_full')
    return { state: text.diskFull, warn: true, details: [text.diskFullHint, ...details] };
  if (storageError) return { state: text.filesNotReadable, warn: true, details };
  if (missing > 0) {
    const { full, coming, missing: left } = text.olderHistory;
    details.push(status.isFull ? full : isConnected ? coming : left, text.progress(history));
  } else if (!isConnected && history.total > 0) {
    details.push(text.allHere({ n: history.total }));
  }
  if (connection !== 'online') {
    if (connection === 'polling') details.unshift(text.pollingHint);
    return { state: text.connections[connection], warn: connection !== 'connecting', details };
  }
  if (details.length === 0) return { state: text.upToDate, warn: false, details };
  const [first, ...rest] = details as [string, ...string[]];
  const state = first.charAt(0).toUpperCase() + first.slice(1);
  return { state, warn: refused > 0 || failingStreams > 0 || salvaged !== null, details: rest };
}
