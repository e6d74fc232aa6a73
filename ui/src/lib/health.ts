import type { HealthFinding, ServerState } from '../ipc';
import { formatShort } from './format-time';
import { sizeOf } from './sizes';
import { text } from './text';

/** What was found of a part of a server, in words, and what to do about it; empty if nothing. */
export type Said = { what: string; toDo: string };

const DAY = 24 * 3600 * 1000;
const MINUTE = 60_000;
/** A certificate with less left is to be renewed. */
const SOON = 14 * DAY;

const fine = (what: string): Said => ({ what, toDo: '' });
const unreadable = (): Said => ({
  what: text.healthCertificateBad,
  toDo: text.healthCertificateBadToDo,
});

/** Returns what a finding says, with the numbers of the server's state. */
export function saysOf({ check, state }: HealthFinding, server: ServerState, now: number): Said {
  const isFine = state === 'ok';
  switch (check) {
    case 'database':
      return server.unready === null
        ? fine(text.healthDatabase)
        : { what: text.unready[server.unready], toDo: text.unreadyToDo[server.unready] };
    case 'disk': {
      const free = sizeOf(server.diskFree ?? 0);
      if (isFine) return fine(text.healthDisk({ free }));
      return { what: text.healthDiskLow({ free }), toDo: text.healthDiskToDo };
    }
    case 'backup':
      return ofBackup(isFine, server, now);
    case 'certificate':
      return ofCertificate(isFine, server, now);
    case 'clock': {
      if (isFine) return fine(text.healthClock);
      const n = Math.ceil(server.clockBehind / MINUTE);
      return { what: text.healthClockBehind({ n }), toDo: text.healthClockToDo };
    }
  }
}

function ofBackup(isFine: boolean, { backups }: ServerState, now: number): Said {
  const { lastAt, failedAt, planned } = backups;
  const when = (at: number) => formatShort(at, now);
  if (failedAt !== null)
    return { what: text.healthBackupFailed({ when: when(failedAt) }), toDo: text.healthFailedToDo };
  if (lastAt === null)
    return {
      what: text.healthNoBackup,
      toDo: planned ? text.healthNoBackupYet : text.healthNoBackups,
    };
  const what = text.healthBackup({ when: when(lastAt) });
  return isFine ? fine(what) : { what, toDo: planned ? text.healthOldToDo : text.healthNoBackups };
}

function ofCertificate(isFine: boolean, { certificate }: ServerState, now: number): Said {
  if (certificate === null) return fine(text.notEncrypting);
  const { expiresAt, retryAt } = certificate;
  if (retryAt !== null)
    return {
      what: text.healthCertificateLate({ when: formatShort(retryAt, now) }),
      toDo: text.healthLateToDo,
    };
  if (expiresAt === null) return isFine ? fine(text.healthOwnCertificate) : unreadable();
  const left = expiresAt - now;
  if (left < 0)
    return {
      what: text.healthCertificateEnded({ when: formatShort(expiresAt, now) }),
      toDo: text.healthRenew,
    };
  const what = text.healthCertificate({ n: Math.floor(left / DAY) });
  if (isFine) return fine(what);
  // One that is good for a while and is not fine cannot be read, or is not good yet.
  return left < SOON ? { what, toDo: text.healthRenew } : unreadable();
}
