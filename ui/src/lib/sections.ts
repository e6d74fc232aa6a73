import type { ConversationSummary } from '../ipc';

/** The list of conversations as it is shown: what is on top, then what is there, then what is put away. */
export function sectionsOf(conversations: ConversationSummary[]) {
  const those = (is: (conversation: ConversationSummary) => boolean) => conversations.filter(is);
  const away = (c: ConversationSummary) => c.hidden || c.archived;
  const here = (c: ConversationSummary) => !c.left && !away(c);
  const pinned = (c: ConversationSummary) => c.pinnedAt !== null;
  return [
    { name: 'pinned', conversations: those((c) => here(c) && pinned(c)) },
    { name: 'direct', conversations: those((c) => here(c) && !pinned(c) && c.kind === 'p2p') },
    { name: 'groups', conversations: those((c) => here(c) && !pinned(c) && c.kind === 'group') },
    { name: 'away', conversations: those((c) => !c.left && away(c)) },
    { name: 'left', conversations: those((c) => c.left) },
  ] as const;
}
