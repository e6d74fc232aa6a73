import { periods, type HealthFinding, type ServerState } from '../ipc';
import { formatShort } from './format-time';
import { formatSize } from './sizes';
import { text } from './text';

/** The description of a health check's result, and what to do about it ('' if nothing). */
export type HealthText = { what: string; toDo: string };

const DAY = 24 * 3600 * 1000;
const MINUTE = 60_000;

const healthy = (what: string): HealthText => ({ what, toDo: '' });
const unusableCertificate = (): HealthText => ({
  what: text.healthCertificateBad,
  toDo: text.healthCertificateBadToDo,
});

/** Describes a finding with the numbers of the server's state. */
export function describeFinding(
  { check, state }: HealthFinding,
  server: ServerState,
  now: number,
): HealthText {
  const isOk = state === 'ok';
  switch (check) {
    case 'database':
      return server.unready === null
        ? healthy(text.healthDatabase)
        : { what: text.unready[server.unready], toDo: text.unreadyToDo[server.unready] };
    case 'disk': {
      const free = formatSize(server.diskFree ?? 0);
      if (isOk) return healthy(text.healthDisk({ free }));
      return { what: text.healthDiskLow({ free }), toDo: text.healthDiskToDo };
    }
    case 'backup':
      return describeBackup(isOk, server, now);
    case 'certificate':
      return describeCertificate(isOk, server, now);
    case 'clock': {
      if (isOk) return healthy(text.healthClock);
      const n = Math.ceil(server.clockBehind / MINUTE);
      return { what: text.healthClockBehind({ n }), toDo: text.healthClockToDo };
    }
  }
}

function describeBackup(isOk: boolean, { backups }: ServerState, now: number): HealthText {
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
  return isOk ? healthy(what) : { what, toDo: planned ? text.healthOldToDo : text.healthNoBackups };
}

function describeCertificate(isOk: boolean, { certificate }: ServerState, now: number): HealthText {
  if (certificate === null) return healthy(text.notEncrypting);
  const { expiresAt, retryAt } = certificate;
  if (retryAt !== null)
    return {
      what: text.healthCertificateLate({ when: formatShort(retryAt, now) }),
      toDo: text.healthLateToDo,
    };
  if (expiresAt === null) return isOk ? healthy(text.healthOwnCertificate) : unusableCertificate();
  const left = expiresAt - now;
  if (left < 0)
    return {
      what: text.healthCertificateEnded({ when: formatShort(expiresAt, now) }),
      toDo: text.healthRenew,
    };
  const what = text.healthCertificate({ n: Math.floor(left / DAY) });
  if (isOk) return healthy(what);
  // A certificate that is not OK although it does not expire soon cannot be read, or is not valid yet.
  return left < periods.certificateWarning
    ? { what, toDo: text.healthRenew }
    : unusableCertificate();
}
