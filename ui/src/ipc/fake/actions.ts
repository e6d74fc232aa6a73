import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { updateConversation, notify } from './server';
import { refusal, type Conversation, type World } from './world';

type Action = gen.Action_Deserialize;
/** A function for every action. A missing one is a compile error. */
type Handlers = {
  [K in Action['type']]: (id: gen.ConversationId, action: Extract<Action, { type: K }>) => null;
};

/** Returns the command that performs an action in a conversation. */
export function actions(world: World) {
  const changeMessage = (id: gen.MessageId, change: Parameters<World['change']>[1]) =>
    notify(world, [world.change(id, change)], { outbox: true });
  const changeMembers = (
    id: gen.ConversationId,
    change: (members: Conversation['members']) => Conversation['members'],
  ) => {
    const conversation = world.conversation(id);
    conversation.members = change(conversation.members);
    return notify(world, [conversation]);
  };
  const setRole = (id: gen.ConversationId, roles: Record<gen.UserId, gen.MemberRole>) =>
    changeMembers(id, (members) =>
      members.map((member) => ({ ...member, role: roles[member.id] ?? member.role })),
    );
  const personOf = (id: gen.UserId) => world.people.find((person) => person.id === id)!;
  const refuseAction = (): never => {
    throw refusal('invalid');
  };
  const handlers: Handlers = {
    create: refuseAction,
    send: refuseAction,
    edit: refuseAction,
    delete: refuseAction,
    read: refuseAction,
    draft: refuseAction,
    setting: refuseAction,
    setProfile: refuseAction,
    react: (_, { messageId, emoji, on }) =>
      changeMessage(messageId, ({ reactions }) => {
        const others = reactions.filter((reaction) => reaction.emoji !== emoji);
        const before = reactions.find((reaction) => reaction.emoji === emoji);
        const names = before?.names ?? [];
        const count = names.length + Number(on);
        const reaction = { emoji, count, own: on, names };
        return { reactions: count > 0 ? [...others, reaction] : others };
      }),
    pinMessage: (_, { messageId, on }) => changeMessage(messageId, () => ({ pinned: on })),
    save: (_, { messageId, on }) => {
      world.saved = world.saved.filter((saved) => saved !== messageId);
      if (on) world.saved.unshift(messageId);
      return changeMessage(messageId, () => ({ saved: on }));
    },
    addMember: (id, { userId }) =>
      changeMembers(id, (members) => [...members, world.member(personOf(userId))]),
    removeMember: (id, { userId }) =>
      changeMembers(id, (members) => members.filter((member) => member.id !== userId)),
    setRole: (id, { userId, role }) => setRole(id, { [userId]: role }),
    transfer: (id, { userId }) => {
      updateConversation(world, id, { role: 'administrator' });
      return setRole(id, { [userId]: 'owner', [world.me.id]: 'administrator' });
    },
    leave: (id) => updateConversation(world, id, { left: true }),
    rename: (id, { title }) => (
      (world.conversation(id).title = title),
      updateConversation(world, id, {})
    ),
    setTopic: (id, { topic }) => updateConversation(world, id, { topic }),
    setHistory: (id, { history }) => updateConversation(world, id, { history }),
    setRemoval: (id, { removal }) => updateConversation(world, id, { removal }),
    archive: (id, { on }) => updateConversation(world, id, { archived: on }),
    mute: (id, { until }) => updateConversation(world, id, { mutedUntil: until ?? null }),
    pin: (id, { on }) => updateConversation(world, id, { pinnedAt: on ? world.now() : null }),
    hide: (id, { on }) => updateConversation(world, id, { hidden: on }),
    markUnread: (id, { on, from }) => {
      if (from) world.conversation(id).lastReadSeq = from - 1;
      return updateConversation(world, id, { markedUnread: on });
    },
  };
  return {
    act: (_, id, action) => (handlers[action.type] as (...args: unknown[]) => null)(id, action),
  } satisfies Partial<Fake>;
}
