import { count, written } from '../numbers';

/** Of the line at the bottom of the sidebar: how what is here stands to what the server has. */
export const ofSync = {
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
  diskFullHint: 'nothing new is kept until there is room',
  filesNotReadable: 'Files not readable',
  pollingHint: 'news comes every few seconds',
  refusedCount: ({ n }: { n: number }) =>
    `the server refused ${count(n, { one: 'message', other: 'messages' })}`,
  waitingCount: ({ n }: { n: number }) => `${written(n)} waiting to send`,
  stuckCount: ({ n }: { n: number }) =>
    `${count(n, { one: 'conversation', other: 'conversations' })} could not be fetched, tried again`,
  salvagedCount: ({ n }: { n: number }) =>
    `a file was damaged: ${count(n, { one: 'action', other: 'actions' })} that waited could be read, look at what you wrote last`,
  olderHistory: {
    coming: 'Fetching older history',
    missing: 'older history to fetch',
    full: 'older history stays on the server',
  },
  progress: ({ here, total }: { here: number; total: number }) =>
    `${written(here)} of ${written(total)}`,
  allHere: ({ n }: { n: number }) =>
    `all ${count(n, { one: 'message is', other: 'messages are' })} on this computer`,
};
