import { isolated } from '../../direction';
import { count, plural, written } from '../numbers';

/** Of the account: signing in, what keeps it closed, and its settings. */
export const ofAccount = {
  writingSection: 'Reading and writing',
  sendOnEnter: 'Enter sends a message; Shift+Enter begins a new line',
  tellTyping: 'Let others see that I am writing',
  tellReading: 'Let others see how far I have read',
  compact: 'Stand messages closer together',
  settings: 'Settings',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  mirror: 'This computer’s copy',
  historyLimit: 'Keep older history here up to',
  conversationLimit: 'and of one conversation',
  messageCount: ({ n }: { n: number }) => count(n, { one: 'message', other: 'messages' }),
  gigabytes: ({ n }: { n: number }) => `${written(n)} GB`,
  everything: 'everything',
  fetchedAnew: ({ n }: { n: number }) =>
    `${count(n, { one: 'fetch', other: 'fetches' })} had to be made again since the start.`,
  compared: ({ repaired }: { repaired: number }) =>
    repaired === 0
      ? 'It is compared with the server by itself, a little at a time. Nothing has differed.'
      : `${count(repaired, { one: 'message', other: 'messages' })} differed from the server’s and ${plural(repaired, { one: 'was', other: 'were' })} mended.`,
  compare: 'Compare everything now',
  comparing: 'Comparing. What differs is mended, and counted here.',
  devices: 'Signed-in devices',
  thisDevice: 'this device',
  since: ({ when }: { when: string }) => `since ${when}`,
  revoke: 'Sign out',
  revokeAndWipe: 'Sign out and delete its messages',
  revokeHint:
    'At its next contact the device shows nothing more until somebody signs in on it again. Deleting also removes the messages that it holds; what was not sent from it is kept there, encrypted.',
  revokeWhich: ({ device }: { device: string }) => `Sign out ${isolated(device)}?`,
  signOut: 'Sign out',
  signOutSure:
    'Signing out deletes the copy on this computer. Everything the server has stays there.',
  signOutKeeping: 'Sign out and keep the messages',
  signOutKeepingHint:
    'Or keep the copy, encrypted: signing in again with your passphrase opens it, and what waits is sent then.',
  signOutAnyway: 'Sign out and discard',
  account: 'Account',
  accounts: 'Accounts',
  addAccount: 'Add an account',
  addAccountHint: 'On the same server or another one. Each account keeps its own files here.',
  accountTile: ({ name, host, unread }: { name: string; host: string; unread: number }) =>
    [
      isolated(name),
      isolated(host),
      unread > 0 ? count(unread, { one: 'unread message', other: 'unread messages' }) : '',
    ]
      .filter(Boolean)
      .join(', '),
  accountClosed: 'An account that is closed',
  signIn: 'Sign in',
  register: 'Create account',
  registerInstead: 'No account yet? Create one.',
  signInInstead: 'Have an account? Sign in.',
  server: 'Server address',
  serverOrLink: 'Server address or invitation link',
  serverHint: 'chat.example.org',
  username: 'Username',
  password: 'Password',
  passwordHint: '8 characters or more',
  welcome:
    'Team chat that its people own. Everything you may see is kept on this computer too, so that reading, searching and writing work with no network.',
  noKeychain:
    'There is no keychain on this system that could keep the key of your files. Choose a passphrase, which is asked for at every start; or sign in for this run only, after which the files here cannot be read any more.',
  keepByPassphrase: 'Keep it by this passphrase',
  passphrase: 'Passphrase',
  newPassphrase: 'New passphrase',
  recoveryCode: 'Recovery code',
  unlock: 'Unlock',
  openKeychain: 'Open the keychain',
  lock: 'Lock',
  useRecoveryCode: 'Use the recovery code',
  goOnAt: ({ address }: { address: string }) => `Go on at ${address}`,
  signInAnew: 'Sign in and fetch everything again',
  noPassphrase: 'Set a passphrase in the settings first: it is what opens Parlour again.',
  closed: {
    title: 'Locked',
    titleOther: 'This account is closed',
    passphrase: 'Your passphrase opens it. What others write comes once it is open.',
    keychain:
      'The key of its files is in the system’s keychain, which is locked or does not answer. Unlock it, and this goes on by itself.',
    keychainStays: 'The keychain did not open. Nothing was changed.',
    plain:
      'Its files are of an earlier version and not encrypted yet, and the system’s keychain does not answer. Choose a passphrase to protect them, or unlock the keychain.',
    keyLost:
      'The key of its files is not on this computer any more. Everything the server has can be fetched again. What had not been sent can only be opened with the recovery code; its files are put aside and not deleted.',
    revoked: 'This device is signed out. What was not sent is kept. Sign in again to open it.',
    code: 'Type the code that you wrote down. Letter case and dashes do not matter.',
  },
  lockSection: 'Lock',
  lockHint:
    'A passphrase encrypts the key of your files. It is asked for at every start, and by Ctrl+L. Nobody can reset it.',
  currentPassphrase: 'Current passphrase',
  accountPassword: 'Account password',
  whyPassphrase:
    'Asked for before anything here changes, so that nobody who finds this window open can do it.',
  whyPassword:
    'Asked for before anything here changes, so that nobody who finds this window open can do it. The server checks it, so you need to be online.',
  setPassphrase: 'Set passphrase',
  changePassphrase: 'Change passphrase',
  removePassphrase: 'Let the keychain open it',
  passphraseOrCode: 'Passphrase, or recovery code',
  passphraseSet: 'The passphrase is set. It is asked for at the next start.',
  passphraseRemoved: 'The keychain opens this account again.',
  lockAfter: 'Lock when I am away for',
  lockAfterMinutes: ({ n }: { n: number }) =>
    n === 0 ? 'never' : n === 60 ? 'an hour' : count(n, { one: 'minute', other: 'minutes' }),
  makeRecoveryCode: 'Make a recovery code',
  recoveryHint:
    'A recovery code opens your files without keychain or passphrase. It is shown once: write it down and keep it away from this computer. A new one voids the one before.',
  thisRun: 'Sign in for this run only',
  signInAgain:
    'Your session has ended. Sign in again to send and receive; everything here stays readable.',
};
