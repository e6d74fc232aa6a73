import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { tell } from './server';
import { newId, refusal, type World } from './world';

const DAY = 24 * 3600 * 1000;

/** Commands of the administrators of the made-up server. */
export function administration(world: World) {
  let people: gen.PersonInfo_Serialize[] = world.people.map((person, at) => ({
    ...person,
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
      createdBy: world.me.username,
    }),
  );
  let groups: gen.OwnerlessGroup[] = ['Garbage collection', 'Weekly'].map((title, at) => {
    return { id: newId(), title, createdAt: world.now() - (at + 90) * DAY, memberCount: 17 - at };
  });

  const change = (id: gen.UserId, by: Partial<gen.PersonInfo_Serialize>) => {
    if (world.isOffline) throw refusal('offline');
    people = people.map((person) => (person.id === id ? { ...person, ...by } : person));
    return tell(world, [], { everything: true });
  };
  return {
    administers: () => true,
    invite: (_, { role = 'member', uses, lifetimeMs }) => {
      const made = { id: newId(), usesLeft: uses, expiresAt: world.now() + lifetimeMs };
      const [createdAt, createdBy] = [world.now(), world.me.username];
      invitations = [{ ...made, role, createdAt, createdBy }, ...invitations];
      return { ...made, link: 'https://chat.example.org/join#Vt3-9qLm-made-up-secret' };
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
    ownerlessGroups: () => groups,
    takeOver: (_, id) => {
      groups = groups.filter((group) => group.id !== id);
      return null;
    },
  } satisfies Partial<Fake>;
}
