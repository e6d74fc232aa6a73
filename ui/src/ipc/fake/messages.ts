import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { searchHits, page } from './pages';
import { sendLater, notify } from './server';
import { refusal, type World } from './world';

/** Commands about messages. */
export function messages(world: World) {
  const change = (id: gen.MessageId, update: Parameters<World['change']>[1]) =>
    notify(world, [world.change(id, update)], { outbox: true });
  return {
    timeline: (_, id, position, limit) => page(world.conversation(id), position, limit),
    search: (_, search) => ({ hits: searchHits(world, search).slice(0, 50), next: null }),
    countHits: (_, search) => searchHits(world, search).length,
    findMessage: (_, id) => {
      const [conversation, item] = world.find(id) ?? [];
      return conversation && item?.seq ? { conversationId: conversation.id, seq: item.seq } : null;
    },
    firstSince: (_, id, time) =>
      world.conversation(id).messages.find((message) => message.sentAt >= time)?.seq ?? null,
    sendMessage: (_, id, messageId, { body, replyTo, files }) => {
      const conversation = world.conversation(id);
      const quote = replyTo ? world.quote(replyTo) : null;
      const sent = (files ?? []).flatMap(
        (fileId) => world.staged.get(id)?.find((staged) => staged.id === fileId) ?? [],
      );
      world.staged.set(id, world.staged.get(id)?.filter((staged) => !sent.includes(staged)) ?? []);
      const waiting = {
        ...{ id: messageId, replyTo: quote, delivery: { state: 'waiting' as const } },
        files: sent.map(({ file, asFile }) =>
          asFile ? { ...file, kind: { type: 'file' as const } } : file,
        ),
      };
      const item = world.item(world.me, body, waiting);
      conversation.messages = [...conversation.messages, item];
      conversation.more = { ...conversation.more, draft: null };
      notify(world, [conversation], { outbox: true });
      sendLater(world, conversation);
      return item;
    },
    editMessage: (_, __, id, body) => {
      const before = world.find(id)?.[1].body ?? '';
      const known = world.edits.get(id) ?? [];
      const earlier = { number: known.length + 1, body: before, replacedAt: world.now() };
      world.edits.set(id, [...known, earlier]);
      return change(id, () => ({ body, blocks: null, edited: true }));
    },
    deleteMessage: (_, __, id) =>
      change(id, () => ({ body: '', blocks: null, deleted: true, pinned: false, reactions: [] })),
    pinned: (_, id) =>
      world
        .conversation(id)
        .messages.filter((message) => message.pinned)
        .toReversed(),
    saved: () =>
      world.saved.flatMap((id) => {
        const [conversation, item] = world.find(id) ?? [];
        return conversation && item ? [{ conversationId: conversation.id, item }] : [];
      }),
    edits: (_, id) => world.edits.get(id) ?? [],
    outbox: () => world.outbox(),
    retry: (_, id) => {
      const conversation = world.change(id, () => ({ delivery: { state: 'waiting' } }));
      sendLater(world, conversation);
      return notify(world, [conversation], { outbox: true });
    },
    discard: (_, id) => {
      const [conversation] = world.find(id) ?? [];
      if (!conversation) throw refusal('not_found');
      conversation.messages = conversation.messages.filter((message) => message.id !== id);
      return notify(world, [conversation], { outbox: true });
    },
  } satisfies Partial<Fake>;
}
