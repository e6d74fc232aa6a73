/** Rules for deleting messages. Deleting removes a message for everybody. */

/** Returns whether to ask for confirmation first. A single own message needs none, since its deletion can be undone. */
export const needsConfirmation = (items: { own: boolean }[]) =>
  items.length > 1 || items.some((item) => !item.own);

/** A message whose deletion waits. `seq` is the message's position, if it is known. */
export type WaitingDeletion = { conversation: string; id: string; seq?: number };

/** Returns the waiting deletions that a stored value lists, or none if it is not valid. */
export function parseWaitingDeletions(stored: string | null): WaitingDeletion[] {
  try {
    const entries: unknown = JSON.parse(stored || '[]');
    return Array.isArray(entries)
      ? entries.filter(
          (entry): entry is WaitingDeletion =>
            typeof entry?.conversation === 'string' && typeof entry?.id === 'string',
        )
      : [];
  } catch {
    return [];
  }
}
