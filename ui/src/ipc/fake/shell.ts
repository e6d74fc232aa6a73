import { limits, settings } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { page } from './pages';
import { sendWaiting, notify } from './server';
import { newId, refusal, type World } from './world';

/** The first screen of the window. */
export type Phase = gen.Start_Serialize['phase'];

/** Commands about the window, accounts and devices. */
export function shell(world: World, phase: Phase) {
  const account = {
    server: 'https://chat.example.org',
    serverName: 'Workshop',
    serverPicture: null,
    welcome: 'We write a compiler. Say hello in “new here”.',
    userId: world.me.id,
    username: world.me.username,
    name: world.me.name,
    hasPresence: true,
  };
  let limit: gen.HistoryLimit = { bytes: 2 * 1024 ** 3, messages: 100_000 };
  let devices: gen.Device_Serialize[] = ['Parlour on Linux', 'Parlour on Windows'].map(
    (name, index) => ({
      ...{ id: newId(), name, address: `192.0.2.${index + 14}`, current: index === 0 },
      ...{ createdAt: world.now() - index * 1e9, lastUsedAt: world.now() - index * 1e8 },
    }),
  );
  let password = 'correct horse';
  let desktop: gen.DesktopChoices_Serialize = {
    ...{ hasTray: true, closing: null, canStartAtLogin: true },
    ...{ startsAtLogin: false, startsMinimised: false, spelling: null },
  };
  const registered: { [K in gen.SettingKey]?: { defaultValue: string } } = settings;
  const setting = (key: gen.SettingKey, id: gen.ConversationId | null) =>
    world.settings.get(`${key} ${id}`) ?? registered[key]?.defaultValue ?? '';
  const open = (): gen.Start_Serialize => {
    const rows = world.summaries();
    const first = rows[0];
    const timeline = first ? page(world.conversation(first.id), { at: 'newest' }, 30) : null;
    const theme = setting('theme', null);
    const [id, status] = [world.id, world.status()];
    const administers = true;
    const shown = {
      id,
      account,
      administers,
      status,
      conversations: rows,
      open: first?.id ?? null,
      timeline,
    };
    return { phase: 'open', shown: { ...shown, theme, timeLocale: world.timeLocale } };
  };
  return {
    bootstrap: (): gen.Start_Serialize => {
      if (phase === 'signIn') return { phase };
      if (phase === 'closed')
        return { phase, id: world.id, closed: { because: 'passphrase' as const } };
      return open();
    },
    accountInfo: () => ({ ...account, ...world.about, name: world.me.name }),
    accounts: () => {
      const rows = world.summaries();
      const unread = rows.reduce((sum, row) => sum + row.unread, 0);
      const mentions = rows.reduce((sum, row) => sum + row.mentions, 0);
      const closed = phase === 'closed' ? { because: 'passphrase' as const } : null;
      const info = closed ? null : { ...account, ...world.about };
      return [{ id: world.id, info, unread, mentions, closed }];
    },
    keychainAvailable: () => true,
    previewLink: (link) => ({
      server: account.server,
      fingerprint:
        '3f9a 7c21 b08e 55d4 90aa 1c0e 72bc e833 3f9a 7c21 b08e 55d4 90aa 1c0e 72bc e833',
      invitation: link.includes('#.')
        ? null
        : {
            ...{ invitedBy: 'wren', invitedByName: 'Wren Okafor', role: 'member' as const },
            expiresAt: world.now() + 6e8,
            takesOver: null,
            takesOverName: '',
            server: { name: account.serverName, welcome: account.welcome, presenceOff: false },
          },
    }),
    signIn: () => ((phase = 'open'), world.id),
    signOut: () => ((phase = 'signIn'), null),
    signOutKeepingFiles: () => ((phase = 'signIn'), null),
    syncStatus: () => world.status(),
    checkConnections: () => {
      world.isOffline = false;
      for (const conversation of world.conversations.values()) sendWaiting(world, conversation);
      return notify(world, []);
    },
    historyLimit: () => limit,
    setHistoryLimit: (_, next) => ((limit = next), null),
    verify: () => null,
    setting: (_, key, id) => setting(key, id),
    levelOverrides: () =>
      [...world.conversations.keys()].filter((id) => setting('notifyIn', id) !== 'account'),
    setSetting: (_, key, id, value) => (world.settings.set(`${key} ${id}`, value), null),
    changePassword: (_, current, next, keepSessions) => {
      if (world.isOffline) throw refusal('offline');
      if (current !== password) throw refusal('wrong_credentials', { key: 'currentPassword' });
      if (next.length < limits.minPasswordChars)
        throw refusal('invalid', { key: 'passwordTooShort', min: limits.minPasswordChars });
      password = next;
      if (!keepSessions) devices = devices.filter((device) => device.current);
      return null;
    },
    sessions: () => devices,
    deviceLink: () => `${account.server}/join#.mXJVd1Jx8bCO3EDpyyOvfTL0dc2Jxg0vbjHQ2cTx0IY`,
    revokeSession: (_, id) => ((devices = devices.filter((device) => device.id !== id)), null),
    openByKeychain: () => true,
    unlock: (_, passphrase) => {
      if (passphrase === 'wrong') throw refusal('wrong_passphrase');
      phase = 'open';
      return null;
    },
    recover: () => ((phase = 'open'), null),
    protect: () => null,
    setAside: () => ((phase = 'signIn'), null),
    lock: () => (world.hasPassphrase ? ((phase = 'closed'), 1) : 0),
    hasPassphrase: () => world.hasPassphrase,
    setPassphrase: () => ((world.hasPassphrase = true), null),
    removePassphrase: () => ((world.hasPassphrase = false), null),
    makeRecoveryCode: () => 'MADE-UPXX-CODE-2345',
    openLink: (url) => (window.open(url, '_blank', 'noopener'), null),
    painted: () => null,
    setDesktopTexts: () => null,
    recordUse: () => null,
    takeNavigationTargets: () => [],
    closeWindow: () => null,
    desktopChoices: () => desktop,
    setClosing: (closing) => ((desktop = { ...desktop, closing }), null),
    setStartAtLogin: (startsAtLogin, startsMinimised) => (
      (desktop = { ...desktop, startsAtLogin, startsMinimised }),
      null
    ),
    setSpelling: (spelling) => ((desktop = { ...desktop, spelling }), null),
    aboutProgram: () => ({
      ...{ version: '0.1.0', system: 'linux x86_64', webview: '2.50.6', desktop: 'KDE, wayland' },
      ...{ hasTray: desktop.hasTray, open: 1, closed: 0 },
    }),
    writeReport: () => '/home/wren/Downloads/parlour-report-1764028800000.txt',
    reloadPage: () => (window.location.assign(phase === 'open' ? '/' : `/?${phase}`), null),
  } satisfies Partial<Fake>;
}
