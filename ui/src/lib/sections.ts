import type { ConversationSummary } from '../ipc';

/**
 * Returns the sections of the conversation list in the order in which they are shown: pinned, direct messages,
 * groups, hidden and archived ones, groups that the user left.
 */
export function sectionsOf(conversations: ConversationSummary[]) {
  const isInactive = (c: ConversationSummary) => c.hidden || c.archived;
  const isActive = (c: ConversationSummary) => !c.left && !isInactive(c);
  const isPinned = (c: ConversationSummary) => c.pinnedAt !== null;
  return [
    { name: 'pinned', conversations: conversations.filter((c) => isActive(c) && isPinned(c)) },
    {
      name: 'direct',
      conversations: conversations.filter((c) => isActive(c) && !isPinned(c) && c.kind === 'p2p'),
    },
    {
      name: 'groups',
      conversations: conversations.filter((c) => isActive(c) && !isPinned(c) && c.kind === 'group'),
    },
    { name: 'inactive', conversations: conversations.filter((c) => !c.left && isInactive(c)) },
    { name: 'left', conversations: conversations.filter((c) => c.left) },
  ] as const;
}
