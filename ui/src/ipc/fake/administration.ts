import { limits } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { notify } from './server';
import { dataUrl, newId, refusal, type World } from './world';

/** The path of a placeholder for a QR code. */
const QR = 'M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM13 13h3v3h-3zM18 18h2v2h-2z';
const DAY = 24 * 3600 * 1000;
/** The id of the server's picture. */
const SERVER_PICTURE = 'server';

/** Commands for administrators of the fake server. */
export function administration(world: World) {
  let people: gen.PersonInfo_Serialize[] = world.people.map((person, index) => ({
    ...{ id: person.id, username: person.username },
    displayName: person.name === person.username ? '' : person.name,
    role: index < 2 ? 'administrator' : 'member',
    lastSeen: index === 5 ? null : world.now() - index * index * 3600_000,
    deactivatedAt: index === 3 ? world.now() - 9 * DAY : null,
    hasPassword: index !== 5,
    sessions: index === 3 || index === 5 ? 0 : 1 + (index % 3),
    groups: [...world.conversations.values()].filter(
      ({ kind, members }) => kind === 'group' && members.some(({ id }) => id === person.id),
    ).length,
    owned: index === 2 ? 2 : 0,
  }));
  let invitations: gen.OpenInvitation_Serialize[] = (['member', 'administrator'] as const).map(
    (role, index) => ({
      id: newId(),
      role,
      usesLeft: index === 0 ? 12 : 1,
      expiresAt: world.now() + (index === 0 ? 20 * DAY : DAY / 2),
      createdAt: world.now() - index * DAY,
      createdBy: world.me,
      note: index === 0 ? 'Parsers team, from 1 December' : '',
      groups: [...world.conversations.values()]
        .filter(({ kind }) => kind === 'group' && index === 0)
        .slice(0, 2)
        .map(({ id, title }) => ({ id, title })),
    }),
  );
  let groups: gen.OwnerlessGroup[] = ['Garbage collection', 'Weekly'].map((title, index) => {
    return {
      id: newId(),
      title,
      createdAt: world.now() - (index + 90) * DAY,
      memberCount: 17 - index,
    };
  });

  const namesOf = (ids: gen.ConversationId[]): gen.GroupName[] =>
    [...world.conversations.values()]
      .filter(({ id }) => ids.includes(id))
      .map(({ id, title }) => ({ id, title }));
  const defaultGroupsOf = (ids: gen.ConversationId[]): gen.DefaultGroup_Serialize[] =>
    namesOf(ids).map((group) => ({ ...group, withheld: null }));
  let currentDefaults = defaultGroupsOf([...world.conversations.keys()].slice(0, 3)).slice(0, 1);
  let settings: gen.ServerChange_Deserialize = {
    ...{ name: 'Workshop', registration: 'invitation' as const },
    welcome: 'We write a compiler. Say hello in “new here”.',
  };

  const change = (id: gen.UserId, update: Partial<gen.PersonInfo_Serialize>) => {
    if (world.isOffline) throw refusal('offline');
    people = people.map((person) => (person.id === id ? { ...person, ...update } : person));
    return notify(world, [], { everything: true });
  };
  return {
    administers: () => true,
    invite: (_, { role = 'member', uses, lifetimeMs, note = '', groups: ids = [] }) => {
      const invitation = { id: newId(), usesLeft: uses, expiresAt: world.now() + lifetimeMs };
      const [createdAt, createdBy] = [world.now(), world.me];
      const all = { role, createdAt, createdBy, note, groups: namesOf(ids) };
      invitations = [{ ...invitation, ...all }, ...invitations];
      const link = 'https://chat.example.org/join#Vt3-9qLm-sample-secret';
      return { ...invitation, link, qr: { size: 29, path: QR } };
    },
    invitations: () => invitations,
    revokeInvitation: (_, id) => {
      invitations = invitations.filter((invitation) => invitation.id !== id);
      return null;
    },
    everybody: () => people,
    setServerRole: (_, id, role) => change(id, { role }),
    resetPassword: (_, id, password) => {
      if (password.length < limits.minPasswordChars) throw refusal('invalid');
      return change(id, { hasPassword: true, sessions: 0 });
    },
    endSessions: (_, id) => change(id, { sessions: 0 }),
    deactivate: (_, id) => change(id, { deactivatedAt: world.now(), sessions: 0, owned: 0 }),
    reactivate: (_, id) => change(id, { deactivatedAt: null }),
    erase: (_, id) => {
      people = people.filter((person) => person.id !== id);
      return notify(world, [], { everything: true });
    },
    changeServer: (_, change) => {
      settings = { ...settings, ...change };
      world.about = {
        ...world.about,
        ...{ serverName: settings.name || null, welcome: settings.welcome ?? '' },
        hasPresence: settings.presence ?? true,
      };
      return notify(world, [], { everything: true });
    },
    setServerPicture: (_, bytes) => {
      if (world.isOffline) throw refusal('offline');
      world.pictures.set(SERVER_PICTURE, dataUrl(bytes));
      world.about = { ...world.about, serverPicture: SERVER_PICTURE };
      return notify(world, [], { everything: true, pictures: true });
    },
    removeServerPicture: () => {
      if (world.isOffline) throw refusal('offline');
      world.about = { ...world.about, serverPicture: null };
      return notify(world, [], { everything: true });
    },
    serverState: () => ({
      name: settings.name || null,
      saidName: null,
      welcome: settings.welcome ?? '',
      publicUrl: 'https://chat.example.org',
      registration: settings.registration ?? 'invitation',
      presence: settings.presence ?? true,
      version: '0.1.0',
      since: world.now() - 41 * DAY,
      people: people.length,
      sessions: people.reduce((sum, { sessions }) => sum + sessions, 0),
      sockets: people.length,
      database: 'sqlite',
      databaseBytes: 3_100_000_000,
      certificate: { kind: 'acme', expiresAt: world.now() + 61 * DAY, retryAt: null },
      backups: {
        planned: true,
        lastAt: world.now() - DAY / 3,
        lastBytes: 240_000_000,
        failedAt: null,
      },
      diskFree: 9_600_000_000,
      clockBehind: 0,
      unready: null,
      health: (['database', 'disk', 'certificate', 'backup', 'clock'] as const).map((check) => ({
        check,
        state: 'ok' as const,
      })),
    }),
    defaultGroups: () => currentDefaults,
    setDefaultGroups: (_, ids) => {
      currentDefaults = defaultGroupsOf(ids);
      return null;
    },
    ownerlessGroups: () => groups,
    takeOver: (_, id) => {
      groups = groups.filter((group) => group.id !== id);
      return null;
    },
  } satisfies Partial<Fake>;
}
