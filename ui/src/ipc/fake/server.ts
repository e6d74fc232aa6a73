import { events } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import { lastSeq, type Room, type World } from './world';

/** Time that the made-up server takes to accept a message, in milliseconds. */
const SERVER = 400;
/** Time that a made-up person takes to reply, in milliseconds. */
const PERSON = 2000;

/** Notifies the window of a change, after the command was answered. */
export function tell(
  world: World,
  conversations: Room[],
  more: Partial<gen.Changed_Serialize> = {},
) {
  const ids = conversations.map((room) => room.id);
  const quiet = { everything: false, statuses: false, pictures: false };
  const still = { choices: false, outbox: false };
  setTimeout(() => {
    void events.changed.emit({
      account: world.id,
      conversations: ids,
      ...quiet,
      ...still,
      ...more,
    });
    void events.statusChanged.emit();
  });
  return null;
}

/** Changes a conversation's deviations from an ordinary one, and notifies the window. */
export function arrange(world: World, id: gen.ConversationId, more: Room['more']) {
  const room = world.room(id);
  room.more = { ...room.more, ...more };
  return tell(world, [room]);
}

/** Sends the waiting messages of a conversation after a moment. */
export function sendSoon(world: World, room: Room) {
  setTimeout(() => sendWaiting(world, room), SERVER);
}

/** Delivers the waiting messages of a conversation. In a direct conversation, the other person replies. */
export function sendWaiting(world: World, room: Room) {
  const waiting = room.messages.filter((message) => message.delivery.state === 'waiting');
  if (world.isOffline || waiting.length === 0) return;
  waiting.forEach((item) => world.deliver(room, item));
  tell(world, [room], { outbox: true });
  const other = room.members.find((member) => member.id !== world.me.id);
  if (room.kind !== 'p2p' || !other) return;
  void events.typing.emit({ account: world.id, conversationId: room.id, userId: other.id });
  setTimeout(() => {
    world.deliver(room, world.item(other, `That was message ${lastSeq(room)} here.`));
    tell(world, [room]);
  }, PERSON);
}
