import { events } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import { lastSeq, type Room, type World } from './world';

/** Time until the fake server accepts a message, in milliseconds. */
const SERVER_MS = 400;
/** Time until a fake person replies, in milliseconds. */
const REPLY_MS = 2000;

/** Notifies the window of a change, after the response to the command. */
export function notify(
  world: World,
  conversations: Room[],
  more: Partial<gen.Changed_Serialize> = {},
) {
  const ids = conversations.map((room) => room.id);
  const unchanged = { everything: false, statuses: false, pictures: false };
  const rest = { choices: false, outbox: false };
  setTimeout(() => {
    void events.changed.emit({
      account: world.id,
      conversations: ids,
      ...unchanged,
      ...rest,
      ...more,
    });
    void events.statusChanged.emit();
  });
  return null;
}

/** Changes fields of a conversation's summary, and notifies the window. */
export function updateRoom(world: World, id: gen.ConversationId, more: Room['more']) {
  const room = world.room(id);
  room.more = { ...room.more, ...more };
  return notify(world, [room]);
}

/** Sends the waiting messages of a conversation after a moment. */
export function sendLater(world: World, room: Room) {
  setTimeout(() => sendWaiting(world, room), SERVER_MS);
}

/** Delivers the waiting messages of a conversation. In a direct conversation, the other person replies. */
export function sendWaiting(world: World, room: Room) {
  const waiting = room.messages.filter((message) => message.delivery.state === 'waiting');
  if (world.isOffline || waiting.length === 0) return;
  waiting.forEach((item) => world.deliver(room, item));
  notify(world, [room], { outbox: true });
  const other = room.members.find((member) => member.id !== world.me.id);
  if (room.kind !== 'p2p' || !other) return;
  void events.typing.emit({ account: world.id, conversationId: room.id, userId: other.id });
  setTimeout(() => {
    world.deliver(room, world.item(other, `That was message ${lastSeq(room)} here.`));
    notify(world, [room]);
  }, REPLY_MS);
}
