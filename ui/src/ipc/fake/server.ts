import { events } from '../bindings.gen';
import type * as gen from '../bindings.gen';
import { lastSeq, type Conversation, type World } from './world';

/** Time until the fake server accepts a message, in milliseconds. */
const SERVER_MS = 400;
/** Time until a fake person replies, in milliseconds. */
const REPLY_MS = 2000;

/** Notifies the window of a change, after the response to the command. */
export function notify(
  world: World,
  conversations: Conversation[],
  more: Partial<gen.Changed_Serialize> = {},
) {
  const ids = conversations.map((conversation) => conversation.id);
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
export function updateConversation(
  world: World,
  id: gen.ConversationId,
  more: Conversation['more'],
) {
  const conversation = world.conversation(id);
  conversation.more = { ...conversation.more, ...more };
  return notify(world, [conversation]);
}

/** Sends the waiting messages of a conversation after a moment. */
export function sendLater(world: World, conversation: Conversation) {
  setTimeout(() => sendWaiting(world, conversation), SERVER_MS);
}

/** Delivers the waiting messages of a conversation. In a direct conversation, the other person replies. */
export function sendWaiting(world: World, conversation: Conversation) {
  const waiting = conversation.messages.filter((message) => message.delivery.state === 'waiting');
  if (world.isOffline || waiting.length === 0) return;
  waiting.forEach((item) => world.deliver(conversation, item));
  notify(world, [conversation], { outbox: true });
  const other = conversation.members.find((member) => member.id !== world.me.id);
  if (conversation.kind !== 'p2p' || !other) return;
  void events.typing.emit({ account: world.id, conversationId: conversation.id, userId: other.id });
  setTimeout(() => {
    world.deliver(
      conversation,
      world.item(other, `That was message ${lastSeq(conversation)} here.`),
    );
    notify(world, [conversation]);
  }, REPLY_MS);
}
