import { count, formatNumber } from '../numbers';
import { messages } from './counts';

/** Texts of the status line at the bottom of the sidebar: how the local data compares with the server's. */
export const syncTexts = {
  connections: {
    connecting: 'Connecting…',
    online: '',
    polling: 'Connected without live updates',
    offline: 'Offline',
    signedOut: 'Signed out',
    outdated: 'Update needed',
  },
  upToDate: 'Up to date',
  diskFull: 'Disk full',
  diskFullHint: 'free some disk space to continue',
  filesNotReadable: 'Cannot read local files',
  pollingHint: 'checked every few seconds',
  refusedCount: ({ n }: { n: number }) => `the server refused ${messages(n)}`,
  waitingCount: ({ n }: { n: number }) => `${formatNumber(n)} waiting to send`,
  failingCount: ({ n }: { n: number }) =>
    `${count(n, { one: 'conversation', other: 'conversations' })} could not be loaded, trying again`,
  salvagedCount: ({ n }: { n: number }) =>
    `a file was damaged: ${count(n, { one: 'unsent action was', other: 'unsent actions were' })} recovered, check your last messages`,
  olderHistory: {
    coming: 'Loading older history',
    missing: 'older history not loaded',
    full: 'older history stays on the server',
  },
  progress: ({ here, total }: { here: number; total: number }) =>
    `${formatNumber(here)} of ${formatNumber(total)}`,
  allHere: ({ n }: { n: number }) =>
    `all ${count(n, { one: 'message is', other: 'messages are' })} on this computer`,
};
