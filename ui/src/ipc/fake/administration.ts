import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { tell } from './server';
import { dataAddress, newId, refusal, type World } from './world';

/** What stands for a code that a camera reads. */
const QR = 'M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM13 13h3v3h-3zM18 18h2v2h-2z';
const DAY = 24 * 3600 * 1000;
/** What stands for the id of the server's picture. */
const SERVER_PICTURE = 'server';

/** Commands of the administrators of the made-up server. */
export function administration(world: World) {
  let people: gen.PersonInfo_Serialize[] = world.people.map((person, at) => ({
    ...{ id: person.id, username: person.username },
    displayName: person.name === person.username ? '' : person.name,
    role: at < 2 ? 'administrator' : 'member',
    lastSeen: at === 5 ? null : world.now() - at * at * 3600_000,
    deactivatedAt: at === 3 ? world.now() - 9 * DAY : null,
    hasPassword: at !== 5,
    sessions: at === 3 || at === 5 ? 0 : 1 + (at % 3),
    groups: [...world.rooms.values()].filter(
      ({ kind, members }) => kind === 'group' && members.some(({ id }) => id === person.id),
    ).length,
    owned: at === 2 ? 2 : 0,
  }));
  let invitations: gen.OpenInvitation_Serialize[] = (['member', 'administrator'] as const).map(
    (role, at) => ({
      id: newId(),
      role,
      usesLeft: at === 0 ? 12 : 1,
      expiresAt: world.now() + (at === 0 ? 20 * DAY : DAY / 2),
      createdAt: world.now() - at * DAY,
      createdBy: world.me,
      note: at === 0 ? 'Parsers team, from 1 December' : '',
      groups: [...world.rooms.values()]
        .filter(({ kind }) => kind === 'group' && at === 0)
        .slice(0, 2)
        .map(({ id, title }) => ({ id, title })),
    }),
  );
  let groups: gen.OwnerlessGroup[] = ['Garbage collection', 'Weekly'].map((title, at) => {
    return { id: newId(), title, createdAt: world.now() - (at + 90) * DAY, memberCount: 17 - at };
  });

  const named = (ids: gen.ConversationId[]): gen.GroupName[] =>
    [...world.rooms.values()]
      .filter(({ id }) => ids.includes(id))
      .map(({ id, title }) => ({ id, title }));
  const everybodyJoin = (ids: gen.ConversationId[]): gen.DefaultGroup_Serialize[] =>
    named(ids).map((group) => ({ ...group, withheld: null }));
  let everybodyJoins = everybodyJoin([...world.rooms.keys()].slice(0, 3)).slice(0, 1);
  let chosen: gen.ServerChange_Deserialize = {
    ...{ name: 'Workshop', registration: 'invitation' as const },
    welcome: 'We write a compiler. Say hello in “new here”.',
  };

  const change = (id: gen.UserId, by: Partial<gen.PersonInfo_Serialize>) => {
    if (world.isOffline) throw refusal('offline');
    people = people.map((person) => (person.id === id ? { ...person, ...by } : person));
    return tell(world, [], { everything: true });
  };
  return {
    administers: () => true,
    invite: (_, { role = 'member', uses, lifetimeMs, note = '', groups: ids = [] }) => {
      const made = { id: newId(), usesLeft: uses, expiresAt: world.now() + lifetimeMs };
      const [createdAt, createdBy] = [world.now(), world.me];
      const all = { role, createdAt, createdBy, note, groups: named(ids) };
      invitations = [{ ...made, ...all }, ...invitations];
      const link = 'https://chat.example.org/join#Vt3-9qLm-made-up-secret';
      return { ...made, link, qr: { size: 29, path: QR } };
    },
    invitations: () => invitations,
    revokeInvitation: (_, id) => {
      invitations = invitations.filter((invitation) => invitation.id !== id);
      return null;
    },
    everybody: () => people,
    setServerRole: (_, id, role) => change(id, { role }),
    resetPassword: (_, id, password) => {
      if (password.length < 8) throw refusal('invalid');
      return change(id, { hasPassword: true, sessions: 0 });
    },
    endSessions: (_, id) => change(id, { sessions: 0 }),
    deactivate: (_, id) => change(id, { deactivatedAt: world.now(), sessions: 0, owned: 0 }),
    reactivate: (_, id) => change(id, { deactivatedAt: null }),
    erase: (_, id) => {
      people = people.filter((person) => person.id !== id);
      return tell(world, [], { everything: true });
    },
    changeServer: (_, change) => {
      chosen = { ...chosen, ...change };
      world.about = {
        ...world.about,
        ...{ serverName: chosen.name || null, welcome: chosen.welcome ?? '' },
        hasPresence: chosen.presence ?? true,
      };
      return tell(world, [], { everything: true });
    },
    setServerPicture: (_, bytes) => {
      if (world.isOffline) throw refusal('offline');
      world.pictures.set(SERVER_PICTURE, dataAddress(bytes));
      world.about = { ...world.about, serverPicture: SERVER_PICTURE };
      return tell(world, [], { everything: true, pictures: true });
    },
    removeServerPicture: () => {
      if (world.isOffline) throw refusal('offline');
      world.about = { ...world.about, serverPicture: null };
      return tell(world, [], { everything: true });
    },
    serverState: () => ({
      name: chosen.name || null,
      saidName: null,
      welcome: chosen.welcome ?? '',
      publicUrl: 'https://chat.example.org',
      registration: chosen.registration ?? 'invitation',
      presence: chosen.presence ?? true,
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
    defaultGroups: () => everybodyJoins,
    setDefaultGroups: (_, ids) => {
      everybodyJoins = everybodyJoin(ids);
      return null;
    },
    ownerlessGroups: () => groups,
    takeOver: (_, id) => {
      groups = groups.filter((group) => group.id !== id);
      return null;
    },
  } satisfies Partial<Fake>;
}
