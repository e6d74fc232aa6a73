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
    timeline: (_, id, position, limit) => page(world.room(id), position, limit),
    search: (_, search) => ({ hits: searchHits(world, search).slice(0, 50), next: null }),
    countHits: (_, search) => searchHits(world, search).length,
    findMessage: (_, id) => {
      const [room, item] = world.find(id) ?? [];
      return room && item?.seq ? { conversationId: room.id, seq: item.seq } : null;
    },
    firstSince: (_, id, time) =>
      world.room(id).messages.find((message) => message.sentAt >= time)?.seq ?? null,
    sendMessage: (_, id, messageId, { body, replyTo, files }) => {
      const room = world.room(id);
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
      room.messages = [...room.messages, item];
      room.more = { ...room.more, draft: null };
      notify(world, [room], { outbox: true });
      sendLater(world, room);
      return item;
    },
    editMessage: (_, __, id, body) => {
      const before = world.find(id)?.[1].body ?? '';
      const earlier = { body: before, replacedAt: world.now() };
      world.edits.set(id, [...(world.edits.get(id) ?? []), earlier]);
      return change(id, () => ({ body, blocks: null, edited: true }));
    },
    deleteMessage: (_, __, id) =>
      change(id, () => ({ body: '', blocks: null, deleted: true, pinned: false, reactions: [] })),
    pinned: (_, id) =>
      world
        .room(id)
        .messages.filter((message) => message.pinned)
        .toReversed(),
    saved: () =>
      world.saved.flatMap((id) => {
        const [room, item] = world.find(id) ?? [];
        return room && item ? [{ conversationId: room.id, item }] : [];
      }),
    edits: (_, id) => world.edits.get(id) ?? [],
    outbox: () => world.outbox(),
    retry: (_, id) => {
      const room = world.change(id, () => ({ delivery: { state: 'waiting' } }));
      sendLater(world, room);
      return notify(world, [room], { outbox: true });
    },
    discard: (_, id) => {
      const [room] = world.find(id) ?? [];
      if (!room) throw refusal('gone');
      room.messages = room.messages.filter((message) => message.id !== id);
      return notify(world, [room], { outbox: true });
    },
  } satisfies Partial<Fake>;
}
