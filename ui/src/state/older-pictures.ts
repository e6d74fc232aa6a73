import type { Ipc } from '../ipc';
import type { ViewedPicture } from './viewer';

/** Loads the pictures of a conversation that were sent before one of them, oldest first. */
export async function loadOlderPictures(
  ipc: Pick<Ipc, 'files'>,
  first: ViewedPicture,
): Promise<ViewedPicture[]> {
  const { conversationId, sentAt } = first;
  const page = await ipc.files({
    ...{ conversationId, kind: 'picture', senderId: null },
    ...{ before: sentAt, after: null },
  });
  // Files of a message, and messages of the same time, keep their order.
  const newest = page.files.map((picture, index) => ({ picture, index }));
  return newest
    .toSorted(
      (a, b) =>
        a.picture.sentAt - b.picture.sentAt ||
        (a.picture.messageId === b.picture.messageId
          ? a.picture.index - b.picture.index
          : b.index - a.index),
    )
    .map(({ picture }) => picture);
}
