import type { ConversationSummary } from '../ipc';

/**
 * Returns the sections of the conversation list in the order in which they are shown: pinned, direct messages,
 * groups, hidden and archived ones, those that were left.
 */
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
