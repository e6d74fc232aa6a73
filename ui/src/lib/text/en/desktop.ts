import { isolate } from '../../direction';
import { forYouCount, unreadMessages } from './counts';

/** Texts about the desktop around the window, and about the program itself. */
export const desktopTexts = {
  tray: {
    show: 'Open Parlour',
    pause: 'Do not disturb',
    resume: 'Resume notifications',
    quit: 'Quit Parlour',
  },
  trayUnread: ({ n }: { n: number }) => unreadMessages(n),
  trayMentions: ({ n }: { n: number }) => forYouCount(n),
  trayMoreUnread: ({ n }: { n: number }) => `More than ${unreadMessages(n)}`,
  trayMoreMentions: ({ n }: { n: number }) => `more than ${forYouCount(n)}`,

  closingTitle: 'Keep Parlour running?',
  closingDetails:
    'Parlour can stay in the tray when its window is closed, and notify you of new messages. You can change this in the settings.',
  closingQuits: 'Quit',
  closingHides: 'Keep running',

  thisComputer: 'This computer',
  closesToTray: 'Keep running in the tray when the window is closed',
  startsAtLogin: 'Start Parlour when you log in',
  startsMinimised: 'Start it minimised',
  spelling: 'Languages in which spelling is checked',
  spellingHint:
    'Separated by commas, such as en_GB or de. Empty: the languages of the system. Each needs its dictionary on this computer.',

  aboutVersion: ({ version, system }: { version: string; system: string }) =>
    `Parlour ${version}, ${system}`,
  aboutLicence:
    'Free software, under the Apache License 2.0 or the MIT License, as you choose. It contains Tauri (MIT or Apache 2.0), Svelte (MIT), SQLite (public domain) and SQLCipher (BSD), and is shown by WebKitGTK (LGPL and BSD) on Linux.',
  copyDiagnostics: 'Copy diagnostics',
  reportProblem: 'Report a problem…',
  reportWritten: ({ path }: { path: string }) =>
    `${isolate(path)} was written. Read it before you send it to anybody: it contains versions and the log, no messages and no names.`,
};
