/** Decisions before messages are deleted. Deleting removes a message for everybody. */

/** Returns whether to ask for confirmation first. A single own message needs none, since its deletion can be undone. */
export const asksFirst = (items: { own: boolean }[]) =>
  items.length > 1 || items.some((item) => !item.own);

/** A message whose deletion waits. `seq` is the message's position, if it is known. */
export type Waiting = { conversation: string; id: string; seq?: number };

/** Returns the waiting deletions that a stored note lists, or none if the note is not a valid one. */
export function waitingOf(note: string | null): Waiting[] {
  try {
    const noted: unknown = JSON.parse(note || '[]');
    return Array.isArray(noted)
      ? noted.filter(
          (one): one is Waiting =>
            typeof one?.conversation === 'string' && typeof one?.id === 'string',
        )
      : [];
  } catch {
    return [];
  }
}
