import type { ConversationId, ListedFile, TimelineItem } from '../ipc';
import { isPicture } from '../lib/files';

/** A picture in the viewer. */
export type Viewed = Omit<ListedFile, 'isHere' | 'seq'> & { seq: number | null };

/** The pictures that the viewer shows, the oldest first, and the one with which it starts. */
export type Viewing = { pictures: Viewed[]; at: number };

/** Returns the pictures of messages, in the order in which they are shown. */
export const picturesIn = (conversationId: ConversationId, items: TimelineItem[]): Viewed[] =>
  items
    .filter((item) => !item.deleted)
    .flatMap(({ id, seq, senderId, sender, sentAt, files }) =>
      files.map((file, index) => ({
        ...{ messageId: id, conversationId, seq, index, senderId, sender, sentAt, file },
      })),
    )
    .filter(({ file }) => isPicture(file));

/** Returns what the viewer shows if it is opened at a picture of a message. */
export function viewingAt(pictures: Viewed[], messageId: string, index: number): Viewing {
  const at = pictures.findIndex((one) => one.messageId === messageId && one.index === index);
  return { pictures, at: Math.max(0, at) };
}
