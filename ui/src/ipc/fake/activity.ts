import type * as gen from '../bindings.gen';
import type { Fake } from './command';
import { updateConversation } from './server';
import type { Conversation, World } from './world';
import { beginningOf } from './world';

type Item = Conversation['messages'][number];

/** Number of entries in a page. */
const PAGE_SIZE = 40;

/** Commands of the activity view. Of the settings, only the keywords have an effect. */
export function activity(world: World) {
  /** The conversations whose reactions were seen. */
  const seen = new Set<gen.ConversationId>();

  function keywordIn(item: Item): string | null {
    const words = JSON.parse(world.settings.get('keywords null') || '[]') as string[];
    return words.find((word) => item.body.toLowerCase().includes(word.toLowerCase())) ?? null;
  }

  function causeOf(item: Item): gen.ActivityCause | null {
    if (item.deleted) return null;
    if (item.own) {
      const hasReactionOfOthers = item.reactions.some(
        (reaction) => reaction.count > Number(reaction.own),
      );
      return hasReactionOfOthers ? 'reaction' : null;
    }
    if (item.mentionsMe) return /@all\b/i.test(item.body) ? 'all' : 'mention';
    const [, root] = (item.replyTo && world.find(item.replyTo.id)) || [];
    if (root?.own) return 'reply';
    return keywordIn(item) ? 'keyword' : null;
  }

  function entryOf(conversation: Conversation, item: Item): gen.ActivityEntry_Serialize[] {
    const cause = item.seq === null || conversation.more.left ? null : causeOf(item);
    if (!cause) return [];
    const names = item.reactions.flatMap((reaction) => reaction.names);
    const isReaction = cause === 'reaction';
    return [
      {
        position: { at: item.sentAt, conversationId: conversation.id, seq: item.seq! },
        messageId: item.id,
        cause,
        keyword: cause === 'keyword' ? keywordIn(item) : null,
        title: conversation.title,
        isDirect: conversation.kind === 'p2p',
        person: isReaction ? null : item.senderId,
        names: isReaction ? names.slice(0, 2) : [item.sender],
        others: isReaction ? Math.max(0, names.length - 2) : 0,
        emoji: isReaction ? item.reactions.map((reaction) => reaction.emoji) : [],
        line: beginningOf(item, 120).replaceAll('\n', ' '),
        isNew: isReaction ? !seen.has(conversation.id) : item.seq! > conversation.lastReadSeq,
      },
    ];
  }

  function all(kind: gen.ActivityKind | null) {
    const matches = ({ cause }: gen.ActivityEntry_Serialize) =>
      kind === null || cause === kind || (kind === 'mention' && cause === 'all');
    return [...world.conversations.values()]
      .flatMap((conversation) =>
        conversation.messages.flatMap((item) => entryOf(conversation, item)),
      )
      .filter(matches)
      .sort((a, b) => b.position.at - a.position.at);
  }

  return {
    activity: (_, kind, before) => {
      const entries = all(kind).filter((entry) => !before || entry.position.at < before.at);
      const page = entries.slice(0, PAGE_SIZE);
      return { entries: page, next: entries.length > PAGE_SIZE ? page.at(-1)!.position : null };
    },
    activityCount: () => all(null).filter((entry) => entry.isNew).length,
    seeReactions: (_, id) => (seen.add(id), null),
    readActivity: () => {
      const read: [gen.ConversationId, number][] = [];
      for (const conversation of world.conversations.values()) {
        const newEntries = all(null).filter(
          ({ isNew, position }) => isNew && position.conversationId === conversation.id,
        );
        const newest = Math.max(0, ...newEntries.map(({ position }) => position.seq));
        if (newest > conversation.lastReadSeq) {
          read.push([conversation.id, conversation.lastReadSeq + 1]);
          conversation.lastReadSeq = newest;
          updateConversation(world, conversation.id, {});
        }
        seen.add(conversation.id);
      }
      return read;
    },
  } satisfies Partial<Fake>;
}
