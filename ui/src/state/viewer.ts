import type { ConversationId, ListedFile, TimelineItem } from '../ipc';
import { isPicture } from '../lib/files';

/** A picture in the viewer. */
export type ViewedPicture = Omit<ListedFile, 'isHere' | 'seq'> & { seq: number | null };

/** The pictures of the viewer, oldest first, and the index of the first one to show. */
export type ViewerState = { pictures: ViewedPicture[]; index: number };

/** Returns the pictures of messages, in the order in which they are shown. */
export const picturesIn = (
  conversationId: ConversationId,
  items: TimelineItem[],
): ViewedPicture[] =>
  items
    .filter((item) => !item.deleted)
    .flatMap(({ id, seq, senderId, sender, sentAt, files }) =>
      files.map((file, index) => ({
        ...{ messageId: id, conversationId, seq, index, senderId, sender, sentAt, file },
      })),
    )
    .filter(({ file }) => isPicture(file));

/** Returns the state of a viewer that starts at a picture of a message. */
export function viewerStateAt(
  pictures: ViewedPicture[],
  messageId: string,
  index: number,
): ViewerState {
  const found = pictures.findIndex(
    (picture) => picture.messageId === messageId && picture.index === index,
  );
  return { pictures, index: Math.max(0, found) };
}
