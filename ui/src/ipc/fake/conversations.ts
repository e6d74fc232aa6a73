import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { updateConversation, notify } from './server';
import { dataUrl, refusal, type Conversation, type World } from './world';

/** The presence of a person if presence is switched off. */
const UNKNOWN = { state: null, lastSeenAt: null };

/** Commands about conversations and their members. */
export function conversations(world: World) {
  const nameOf = (id: gen.UserId) => world.people.find((person) => person.id === id)!.username;
  return {
    conversations: (_, limit) => world.summaries().slice(0, limit),
    conversationsById: (_, ids) => world.summaries().filter((row) => ids.includes(row.id)),
    members: (_, id) => world.conversation(id).members,
    memberCount: (_, id) => world.conversation(id).members.length,
    people: (_, prefix) =>
      world.people.filter(
        ({ id, username, name }) =>
          id !== world.me.id && `${username} ${name}`.toLowerCase().includes(prefix.toLowerCase()),
      ),
    personCard: (_, id): gen.PersonCard_Serialize | null => {
      const person = world.people.find((person) => person.id === id);
      if (!person) return null;
      const emptyProfile = { displayName: '', about: '', timeZone: '' };
      const profile = world.profiles.get(id) ?? emptyProfile;
      const role = id === world.me.id ? ('administrator' as const) : ('member' as const);
      return { ...person, profile, role, state: 'active', isAlike: false };
    },
    peoplePresence: (_, people) => {
      const showsPresence = world.settings.get('tell_presence') !== 'no';
      return world.about.hasPresence === false
        ? []
        : people.map((id) => {
            const known = world.presence.get(id) ?? { state: 'offline', lastSeenAt: null };
            const { state, lastSeenAt } = showsPresence && !world.isOffline ? known : UNKNOWN;
            return { id, state, lastSeenAt, status: world.profiles.get(id)?.status ?? null };
          });
    },
    setProfile: (_, change) => {
      const emptyProfile = { displayName: '', about: '', timeZone: '' };
      const changes = Object.entries(change).filter(([, value]) => value !== null);
      const before = { ...emptyProfile, ...world.profiles.get(world.me.id) };
      const profile = { ...before, ...Object.fromEntries(changes) };
      if (profile.displayName.includes('\u202e'))
        throw refusal('invalid', { key: 'displayNameHidden' });
      world.profiles.set(world.me.id, profile);
      world.me.name = profile.displayName || world.me.username;
      return notify(world, [], { everything: true });
    },
    pictures: (_, people) =>
      people
        .filter((person) => world.pictures.has(person))
        .map((person) => ({ person, picture: person, isHere: true })),
    setPicture: (_, bytes) => {
      if (world.isOffline) throw refusal('offline');
      world.pictures.set(world.me.id, dataUrl(bytes));
      return notify(world, [], { everything: true });
    },
    removePicture: () => {
      if (world.isOffline) throw refusal('offline');
      world.pictures.delete(world.me.id);
      return notify(world, [], { everything: true });
    },
    createP2p: (_, user) => {
      const isWithUser = (conversation: Conversation) =>
        conversation.kind === 'p2p' && conversation.members.some((member) => member.id === user);
      const existing = [...world.conversations.values()].find(isWithUser);
      const conversation = existing ?? world.add('p2p', nameOf(user), [nameOf(user)]);
      notify(world, [conversation]);
      return conversation.id;
    },
    createGroup: (_, title, members) => {
      const conversation = world.add('group', title, members.map(nameOf));
      notify(world, [conversation]);
      return conversation.id;
    },
    markRead: (_, id, seq) => {
      world.conversation(id).lastReadSeq = seq;
      return updateConversation(world, id, { markedUnread: false });
    },
    watch: () => null,
    fetchOlder: () => null,
    setDraft: (_, id, { body, replyTo }) => {
      const draft = body || replyTo ? { body, replyTo: replyTo ?? null } : null;
      return updateConversation(world, id, { draft });
    },
    shareDraft: () => null,
    typing: () => null,
  } satisfies Partial<Fake>;
}
