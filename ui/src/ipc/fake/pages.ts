import type * as gen from '../bindings.gen';
import type { Conversation, World } from './world';

/** Returns a page of a conversation, in the same way as the store. */
export function page(
  conversation: Conversation,
  position: gen.Position,
  limit: number,
): gen.TimelinePage_Serialize {
  const all = conversation.messages;
  /** Returns the index of the first message at or after a position. */
  const indexOf = (seq: number) => {
    const index = all.findIndex((message) => message.seq === null || message.seq >= seq);
    return index === -1 ? all.length : index;
  };
  const [start, end] = {
    newest: () => [all.length - limit, all.length],
    before: () =>
      position.at === 'before' ? [indexOf(position.seq) - limit, indexOf(position.seq)] : [],
    after: () =>
      position.at === 'after' ? [indexOf(position.seq + 1), indexOf(position.seq + 1) + limit] : [],
    around: () => {
      if (position.at !== 'around') return [];
      const first = indexOf(position.seq) - (limit >> 1);
      return [first, first + limit];
    },
  }[position.at]() as [number, number];
  return {
    items: all.slice(Math.max(start, 0), end),
    atOldest: start <= 0,
    atNewest: end >= all.length,
    missingOlder: false,
  };
}

/** Returns the messages that contain every word, newest first. Operators are treated as ordinary words. */
export function searchHits(
  world: World,
  search: gen.Search_Deserialize,
): gen.SearchHit_Serialize[] {
  const words = search.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const { scope } = search;
  const searched =
    scope.in === 'everywhere' ? [...world.conversations.values()] : [world.conversation(scope.id)];
  const hits = searched.flatMap((conversation) =>
    conversation.messages
      .filter(({ body }) => words.every((word) => body.toLowerCase().includes(word)))
      .map(({ id, seq, sender, sentAt, body }) => {
        return {
          id,
          conversationId: conversation.id,
          seq,
          sender,
          sentAt,
          snippet: markWords(body, words),
        };
      }),
  );
  return hits.sort((a, b) => b.sentAt - a.sentAt);
}

/** Splits a text into parts, with the words marked. */
function markWords(body: string, words: string[]): gen.SnippetPart[] {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts = body.split(new RegExp(`(${escaped.join('|')})`, 'i'));
  return parts
    .map((text, index) => ({ text, mark: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}
