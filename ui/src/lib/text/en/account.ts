import { isolate } from '../../direction';
import { count, formatList, plural, formatNumber } from '../numbers';
import { forYouCount, messages, unreadMessages } from './counts';

/** Texts about the account: signing in, opening a closed account, and settings. */
export const accountTexts = {
  writingSection: 'Messages',
  switches: {
    sendsOnEnter: 'Press Enter to send, Shift+Enter for a new line',
    sharesTyping: 'Show when I am typing',
    sendsReadReceipts: 'Send read receipts',
    isCompact: 'Compact messages',
  },
  settings: 'Settings',
  theme: 'Theme',
  themes: { system: 'Follow the system', light: 'Light', dark: 'Dark' },
  mirror: 'Storage and mirror',
  historyLimit: 'Message history, at most',
  conversationLimit: 'Per conversation, at most',
  messageCount: ({ n }: { n: number }) => messages(n),
  gigabytes: ({ n }: { n: number }) => `${formatNumber(n)} GB`,
  everything: 'Everything',
  reloadedCount: ({ n }: { n: number }) =>
    `${count(n, { one: 'conversation was', other: 'conversations were' })} reloaded from the server since Parlour started.`,
  verified: ({ repaired }: { repaired: number }) =>
    repaired === 0
      ? 'Verified against the server in the background. No differences found.'
      : `${messages(repaired)} differed from the server and ${plural(repaired, { one: 'was', other: 'were' })} repaired.`,
  verify: 'Verify now',
  verifying: 'Verifying… Differences are repaired.',
  devices: 'Devices',
  thisDevice: 'this device',
  invitedTo: ({ host }: { host: string }) => `You are invited to ${isolate(host)}`,
  invitedBy: ({ name }: { name: string }) => `by ${isolate(name)}`,
  takesOver: ({ name }: { name: string }) => `You take over the history of ${isolate(name)}.`,
  invitedAsAdmin: 'You will be an administrator of this server.',
  signInToServer: ({ host }: { host: string }) => `Sign in to ${isolate(host)}`,
  serverVerified: 'Server verified',
  fingerprintTrust: 'It has the key in your link, which is as trustworthy as its sender:',
  anotherLink: 'Use another link',
  addDevice: 'Add a device',
  addDeviceHint: 'On the other device, paste this where Parlour asks for the server.',
  deviceLinkCopied: 'Link copied. It contains no password.',
  signedInSince: ({ when }: { when: string }) => `Signed in ${when}`,
  lastUsed: ({ when }: { when: string }) => `Last used ${when}`,
  lastUsedAt: ({ when, address }: { when: string; address: string }) =>
    `Last used ${when} from ${isolate(address)}`,
  revokeMenu: 'Sign out…',
  revoke: 'Sign out',
  revokeAndWipe: 'Sign out and delete its copy',
  revokeHint:
    'The device is locked when it next connects. Deleting its copy also removes its messages; unsent ones stay there, encrypted.',
  revokeTitle: ({ device }: { device: string }) => `Sign out ${isolate(device)}?`,
  signOut: 'Sign out',
  signOutWarning: 'Signing out deletes the copy on this computer. Everything on the server stays.',
  signOutKeepingFiles: 'Sign out and keep the copy',
  signOutKeepingFilesHint:
    'The copy stays, encrypted. Signing in with your passphrase opens it and sends what was waiting.',
  signOutAnyway: 'Sign out and discard unsent messages',
  account: 'Account',
  accounts: 'Accounts',
  addAccount: 'Add an account…',
  addAccountTitle: 'Add an account',
  addAccountHint: 'On the same server or another one. Each account keeps its own files here.',
  accountTile: ({
    name,
    host,
    unread,
    mentions,
  }: {
    name: string;
    host: string;
    unread: number;
    mentions: number;
  }) =>
    [
      isolate(name),
      isolate(host),
      unread > 0 ? unreadMessages(unread) : '',
      mentions > 0 ? forYouCount(mentions) : '',
    ]
      .filter(Boolean)
      .join(', '),
  accountClosed: 'Locked account',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  register: 'Create account',
  registerInstead: 'No account yet? Create one',
  signInInstead: 'Already have an account? Sign in',
  server: 'Server address',
  serverOrLink: 'Server address or invitation link',
  serverHint: 'chat.example.org',
  yourName: 'Your name',
  username: 'Username',
  password: 'Password',
  /** Of a password or a passphrase. */
  atLeast: ({ n }: { n: number }) =>
    `At least ${count(n, { one: 'character', other: 'characters' })}`,
  currentPassword: 'Current password',
  changePassword: 'Change password',
  changePasswordMore: 'Change password…',
  signOutOthers: 'Sign out other devices',
  ownInvitationsEnd: 'Invitations that you made end, too.',
  passwordChanged: ({ others }: { others: boolean }) =>
    others
      ? 'Password changed. Other devices were signed out.'
      : 'Password changed. Other devices stay signed in.',
  welcome:
    'Team chat that its people own. Everything you can see is also kept on this computer, so reading, searching and writing work offline.',
  firstSteps: 'First steps',
  welcomeTo: ({ host }: { host: string }) => `Welcome to ${isolate(host)}.`,
  memberOf: ({ names }: { names: string[] }) => `You are in ${formatList(names.map(isolate))}.`,
  addPicture: 'Add your picture…',
  noKeychain:
    'No system keychain was found for the encryption key. Choose a passphrase, asked for at every start, or sign in for this session only: the copy here cannot be read afterwards.',
  usePassphrase: 'Use this passphrase',
  passphrase: 'Passphrase',
  newPassphrase: 'New passphrase',
  recoveryCode: 'Recovery code',
  unlock: 'Unlock',
  unlocking: 'Unlocking…',
  openKeychain: 'Open the keychain',
  lock: 'Lock',
  useRecoveryCode: 'Use recovery code',
  continueAt: ({ address }: { address: string }) => `Continue at ${address}`,
  signInAndReload: 'Sign in and download everything again',
  noPassphrase: 'To lock Parlour, first set a passphrase in Settings.',
  closed: {
    title: 'Locked',
    titleOther: 'Account locked',
    passphrase: 'Enter your passphrase. New messages arrive once you unlock.',
    keychain: 'The system keychain is locked or not responding. Unlock it to continue.',
    keychainStays: 'The keychain did not open. Nothing was changed.',
    plain:
      'These files are from an earlier version and not encrypted yet. Choose a passphrase to protect them, or unlock the keychain.',
    keyLost:
      'The encryption key is gone from this computer. Everything on the server can be downloaded again; unsent messages need the recovery code. The old files are kept.',
    revoked: 'This device was signed out. Unsent messages are kept. Sign in to open them.',
    code: 'Enter your recovery code. Capitals and dashes do not matter.',
  },
  lockSection: 'Lock',
  lockHint:
    'A passphrase protects the encryption key. It is asked for at every start and after Ctrl+L. Nobody can reset it.',
  currentPassphrase: 'Current passphrase',
  accountPassword: 'Account password',
  passphrasePurpose:
    'Asked for before anything here changes, so that nobody who finds this window open can do it.',
  passwordPurpose:
    'Asked for before anything here changes, so that nobody who finds this window open can do it. The server checks it, so you need to be online.',
  setPassphrase: 'Set passphrase',
  changePassphrase: 'Change passphrase',
  removePassphrase: 'Use the system keychain instead',
  passphraseOrCode: 'Passphrase, or recovery code',
  passphraseSet: 'The passphrase is set. It is asked for at the next start.',
  passphraseRemoved: 'The system keychain unlocks this account again.',
  lockAfter: 'Lock when idle for',
  lockAfterMinutes: ({ n }: { n: number }) =>
    n === 0
      ? 'Never'
      : n === 60
        ? count(1, { one: 'hour', other: 'hours' })
        : count(n, { one: 'minute', other: 'minutes' }),
  makeRecoveryCode: 'Create recovery code',
  recoveryHint:
    'A recovery code opens your files without keychain or passphrase. It is shown once: write it down and keep it away from this computer. A new code replaces the old one.',
  signInForSession: 'Sign in for this session only',
  signInAgain:
    'Your session has ended. Sign in again to send and receive; everything here stays readable.',
};
