import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { tell } from './server';
import type { Room, World } from './world';

/** Commands about conversations and who is in them. */
export function conversations(world: World) {
  const change = (id: gen.ConversationId, more: Room['more']) => {
    const room = world.room(id);
    room.more = { ...room.more, ...more };
    return tell(world, [room]);
  };
  const staff = (id: gen.ConversationId, by: (members: Room['members']) => Room['members']) => {
    const room = world.room(id);
    room.members = by(room.members);
    return tell(world, [room]);
  };
  const nameOf = (id: gen.UserId) => world.people.find((person) => person.id === id)!.username;
  return {
    conversations: (_, limit) => world.summaries().slice(0, limit),
    conversationsById: (_, ids) => world.summaries().filter((row) => ids.includes(row.id)),
    members: (_, id) => world.room(id).members,
    memberCount: (_, id) => world.room(id).members.length,
    people: (_, prefix) =>
      world.people.filter(
        ({ id, username }) => id !== world.me.id && username.startsWith(prefix.toLowerCase()),
      ),
    createP2p: (_, user) => {
      const isTheirs = (room: Room) => room.kind === 'p2p' && room.title === nameOf(user);
      const room = [...world.rooms.values()].find(isTheirs);
      const made = room ?? world.add('p2p', nameOf(user), [nameOf(user)]);
      tell(world, [made]);
      return made.id;
    },
    createGroup: (_, title, members) => {
      const made = world.add('group', title, members.map(nameOf));
      tell(world, [made]);
      return made.id;
    },
    addMember: (_, id, user) =>
      staff(id, (members) => [...members, world.member({ id: user, username: nameOf(user) })]),
    removeMember: (_, id, user) =>
      staff(id, (members) => members.filter((member) => member.id !== user)),
    setRole: (_, id, user, role) =>
      staff(id, (members) =>
        members.map((member) => (member.id === user ? { ...member, role } : member)),
      ),
    rename: (_, id, title) => ((world.room(id).title = title), change(id, {})),
    setTopic: (_, id, topic) => change(id, { topic }),
    setHistory: (_, id, history) => change(id, { history }),
    setRemoval: (_, id, removal) => change(id, { removal }),
    archive: (_, id, on) => change(id, { archived: on }),
    leave: (_, id) => change(id, { left: true }),
    mute: (_, id, until) => change(id, { mutedUntil: until ?? Number.MAX_SAFE_INTEGER }),
    pin: (_, id, on) => change(id, { pinnedAt: on ? world.now() : null }),
    hide: (_, id, on) => change(id, { hidden: on }),
    markUnread: (_, id, on, from) => {
      if (from !== null) world.room(id).lastReadSeq = from - 1;
      return change(id, { markedUnread: on });
    },
    markRead: (_, id, seq) => {
      world.room(id).lastReadSeq = seq;
      return change(id, { markedUnread: false });
    },
    watch: () => null,
    fetchOlder: () => null,
    setDraft: (_, id, { body, replyTo }) => {
      const draft = body || replyTo ? { body, replyTo: replyTo ?? null } : null;
      return change(id, { draft });
    },
    shareDraft: () => null,
    typing: () => null,
  } satisfies Partial<Fake>;
}
