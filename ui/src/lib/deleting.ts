/** What is to be known before messages are deleted, which is for everybody. */

/** Whether it is asked first: of one message of one's own it is not, since that can be taken back. */
export const asksFirst = (items: { own: boolean }[]) =>
  items.length > 1 || items.some((item) => !item.own);

/** `seq` is where it is, while that is known. */
export type Waiting = { conversation: string; id: string; seq?: number };

/** What was noted of deletions that wait; what is no such note is nothing. */
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
