/** Announcements for screen readers of the messages that others send in the open conversation. */
import type { TimelineItem } from '../ipc';
import { summaryOf } from './files';
import { text } from './text';

/** If more messages than this arrive at once, only their number is announced. */
const MAX_READ_OUT = 3;
/** Longest part of a message that is read out, in UTF-16 units. */
const MAX_LENGTH = 500;

/** The loaded part of a conversation, and the position of the conversation's end. */
export type LoadedPart = {
  items: readonly TimelineItem[];
  /** Whether the newest message is among `items`. */
  atNewest: boolean;
  /** The position of the newest message. */
  lastSeq: number;
};

/** Announces each new message once: its text, or only the number of messages if many arrive together. */
export class Announcements {
  /** The position up to which everything was announced, or already existed when the conversation was opened. */
  #announcedSeq: number | null = null;

  /**
   * Returns the announcements for the messages that arrived since the last call, one per line. The first call
   * announces nothing, since existing messages are not new.
   */
  of({ items, atNewest, lastSeq }: LoadedPart): string[] {
    const newest = atNewest ? (items.findLast((item) => item.seq !== null)?.seq ?? 0) : lastSeq;
    const announced = this.#announcedSeq ?? newest;
    this.#announcedSeq = Math.max(announced, newest);
    if (newest <= announced) return [];
    const arrived = items.filter((item) => item.seq !== null && item.seq > announced);
    // Some messages may no longer be in the loaded part, or not be in it yet.
    const notLoaded = newest - announced - arrived.length;
    const ofOthers = arrived.filter((item) => !item.own && !item.deleted);
    if (notLoaded > 0 || ofOthers.length > MAX_READ_OUT)
      return [text.newCount({ n: ofOthers.length + notLoaded })];
    return ofOthers.map(line);
  }
}

function line(item: TimelineItem): string {
  const { sender } = item;
  const body = summaryOf(item);
  const short = body.length > MAX_LENGTH ? `${body.slice(0, MAX_LENGTH)}…` : body;
  const [who, words] = short.startsWith('/me ')
    ? [sender, short.slice(4)]
    : [text.senderPrefix({ name: sender }), short];
  return `${who} ${words}`;
}
