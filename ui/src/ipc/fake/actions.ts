import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { arrange, tell } from './server';
import { refusal, type Room, type World } from './world';

type Action = gen.Action_Deserialize;
/** A function for every action. A missing one is a compile error. */
type Handlers = {
  [K in Action['type']]: (id: gen.ConversationId, action: Extract<Action, { type: K }>) => null;
};

/** Returns the command that performs an action in a conversation. */
export function actions(world: World) {
  const message = (id: gen.MessageId, by: Parameters<World['change']>[1]) =>
    tell(world, [world.change(id, by)], { outbox: true });
  const staff = (id: gen.ConversationId, by: (members: Room['members']) => Room['members']) => {
    const room = world.room(id);
    room.members = by(room.members);
    return tell(world, [room]);
  };
  const setRole = (id: gen.ConversationId, roles: Record<gen.UserId, gen.MemberRole>) =>
    staff(id, (members) =>
      members.map((member) => ({ ...member, role: roles[member.id] ?? member.role })),
    );
  const personOf = (id: gen.UserId) => world.people.find((person) => person.id === id)!;
  const hasOwnCommand = (): never => {
    throw refusal('invalid');
  };
  const handlers: Handlers = {
    create: hasOwnCommand,
    send: hasOwnCommand,
    edit: hasOwnCommand,
    delete: hasOwnCommand,
    read: hasOwnCommand,
    draft: hasOwnCommand,
    setting: hasOwnCommand,
    setProfile: hasOwnCommand,
    react: (_, { messageId, emoji, on }) =>
      message(messageId, ({ reactions }) => {
        const others = reactions.filter((reaction) => reaction.emoji !== emoji);
        const before = reactions.find((reaction) => reaction.emoji === emoji);
        const names = before?.names ?? [];
        const count = names.length + Number(on);
        const reaction = { emoji, count, own: on, names };
        return { reactions: count > 0 ? [...others, reaction] : others };
      }),
    pinMessage: (_, { messageId, on }) => message(messageId, () => ({ pinned: on })),
    save: (_, { messageId, on }) => {
      world.saved = world.saved.filter((saved) => saved !== messageId);
      if (on) world.saved.unshift(messageId);
      return message(messageId, () => ({ saved: on }));
    },
    addMember: (id, { userId }) =>
      staff(id, (members) => [...members, world.member(personOf(userId))]),
    removeMember: (id, { userId }) =>
      staff(id, (members) => members.filter((member) => member.id !== userId)),
    setRole: (id, { userId, role }) => setRole(id, { [userId]: role }),
    transfer: (id, { userId }) => {
      arrange(world, id, { role: 'administrator' });
      return setRole(id, { [userId]: 'owner', [world.me.id]: 'administrator' });
    },
    leave: (id) => arrange(world, id, { left: true }),
    rename: (id, { title }) => ((world.room(id).title = title), arrange(world, id, {})),
    setTopic: (id, { topic }) => arrange(world, id, { topic }),
    setHistory: (id, { history }) => arrange(world, id, { history }),
    setRemoval: (id, { removal }) => arrange(world, id, { removal }),
    archive: (id, { on }) => arrange(world, id, { archived: on }),
    mute: (id, { until }) => arrange(world, id, { mutedUntil: until ?? null }),
    pin: (id, { on }) => arrange(world, id, { pinnedAt: on ? world.now() : null }),
    hide: (id, { on }) => arrange(world, id, { hidden: on }),
    markUnread: (id, { on, from }) => {
      if (from) world.room(id).lastReadSeq = from - 1;
      return arrange(world, id, { markedUnread: on });
    },
  };
  return {
    act: (_, id, action) => (handlers[action.type] as (...all: unknown[]) => null)(id, action),
  } satisfies Partial<Fake>;
}
