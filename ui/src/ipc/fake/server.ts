import { events } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import { lastSeq, type Room, type World } from './world';

/** How long the made-up server takes, in milliseconds. */
const SERVER = 400;
/** How long a made-up person takes to answer. */
const PERSON = 2000;

/** Tells the window that something changed, after it was answered. */
export function tell(
  world: World,
  conversations: Room[],
  more: Partial<gen.Changed_Serialize> = {},
) {
  const ids = conversations.map((room) => room.id);
  const quiet = { everything: false, choices: false, outbox: false };
  setTimeout(() => {
    void events.changed.emit({ account: world.id, conversations: ids, ...quiet, ...more });
    void events.statusChanged.emit();
  });
  return null;
}

/** Changes what differs in a conversation from an ordinary one, and tells it. */
export function arrange(world: World, id: gen.ConversationId, more: Room['more']) {
  const room = world.room(id);
  room.more = { ...room.more, ...more };
  return tell(world, [room]);
}

/** Lets what waits in a conversation go out in a moment. */
export function sendSoon(world: World, room: Room) {
  setTimeout(() => sendWaiting(world, room), SERVER);
}

/** The server takes what waits; whoever one writes to alone answers. */
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
