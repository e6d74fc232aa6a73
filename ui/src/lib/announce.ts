/** What a screen reader is told of what others say in the conversation that is open. */
import type { TimelineItem } from '../ipc';
import { text } from './text';

/** More than so many at once are counted. */
const READ_OUT = 3;
/** Longest of a message that is read out, in characters. */
const LONGEST = 500;

/** What can be seen of a conversation, and up to where it goes. */
export type Seen = {
  items: readonly TimelineItem[];
  /** Whether the newest message is among them. */
  atNewest: boolean;
  /** The newest message's position. */
  lastSeq: number;
};

/** Tells each message that comes once: what it says, or, where many come, how many. */
export class Announcements {
  /** Up to where everything was told, or was there when the conversation was opened. */
  #told: number | null = null;

  /** What is to be said of what came since it was asked last, a line each. What is there at first is no news. */
  of({ items, atNewest, lastSeq }: Seen): string[] {
    const newest = atNewest ? (items.findLast((item) => item.seq !== null)?.seq ?? 0) : lastSeq;
    const told = this.#told ?? newest;
    this.#told = Math.max(told, newest);
    if (newest <= told) return [];
    const came = items.filter((item) => item.seq !== null && item.seq > told);
    // Some may have come and gone out of sight, or not be in sight yet.
    const unseen = newest - told - came.length;
    const theirs = came.filter((item) => !item.own && !item.deleted);
    if (unseen > 0 || theirs.length > READ_OUT)
      return [text.newCount({ n: theirs.length + unseen })];
    return theirs.map(line);
  }
}

function line({ sender, body }: TimelineItem): string {
  const said = body.length > LONGEST ? `${body.slice(0, LONGEST)}…` : body;
  const [who, what] = said.startsWith('/me ')
    ? [sender, said.slice(4)]
    : [text.saidBy({ name: sender }), said];
  return `${who} ${what}`;
}
