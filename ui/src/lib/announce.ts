/** Announcements for screen readers of the messages that others send in the open conversation. */
import type { TimelineItem } from '../ipc';
import { saidIn } from './files';
import { text } from './text';

/** If more messages than this arrive at once, only their number is announced. */
const READ_OUT = 3;
/** Longest part of a message that is read out, in UTF-16 units. */
const LONGEST = 500;

/** The loaded part of a conversation, and the position of the conversation's end. */
export type Seen = {
  items: readonly TimelineItem[];
  /** Whether the newest message is among `items`. */
  atNewest: boolean;
  /** The position of the newest message. */
  lastSeq: number;
};

/** Announces each new message once: its text, or only the number of messages if many arrive together. */
export class Announcements {
  /** The position up to which everything was announced, or was there when the conversation was opened. */
  #told: number | null = null;

  /**
   * Returns the announcements for the messages that arrived since the last call, one per line. The first call
   * announces nothing: what is there at first is not new.
   */
  of({ items, atNewest, lastSeq }: Seen): string[] {
    const newest = atNewest ? (items.findLast((item) => item.seq !== null)?.seq ?? 0) : lastSeq;
    const told = this.#told ?? newest;
    this.#told = Math.max(told, newest);
    if (newest <= told) return [];
    const came = items.filter((item) => item.seq !== null && item.seq > told);
    // Some messages may already be scrolled out of the loaded part, or not be in it yet.
    const unseen = newest - told - came.length;
    const theirs = came.filter((item) => !item.own && !item.deleted);
    if (unseen > 0 || theirs.length > READ_OUT)
      return [text.newCount({ n: theirs.length + unseen })];
    return theirs.map(line);
  }
}

function line(item: TimelineItem): string {
  const { sender } = item;
  const body = saidIn(item);
  const said = body.length > LONGEST ? `${body.slice(0, LONGEST)}…` : body;
  const [who, what] = said.startsWith('/me ')
    ? [sender, said.slice(4)]
    : [text.saidBy({ name: sender }), said];
  return `${who} ${what}`;
}
