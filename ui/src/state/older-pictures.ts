import type { Ipc } from '../ipc';
import type { Viewed } from './viewer';

/** Reads the pictures of a conversation that were sent before one of them, the oldest first. */
export async function older(ipc: Pick<Ipc, 'files'>, first: Viewed): Promise<Viewed[]> {
  const { conversationId, sentAt } = first;
  const page = await ipc.files({
    ...{ conversationId, kind: 'picture', senderId: null },
    ...{ before: sentAt, after: null },
  });
  // The files of a message stand in their order, and so do messages of the same moment.
  const newest = page.files.map((picture, at) => ({ picture, at }));
  return newest
    .toSorted(
      (a, b) =>
        a.picture.sentAt - b.picture.sentAt ||
        (a.picture.messageId === b.picture.messageId
          ? a.picture.index - b.picture.index
          : b.at - a.at),
    )
    .map(({ picture }) => picture);
}
