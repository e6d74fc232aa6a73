import { typedIsPainted } from '../lib/painted';
import { keptItems } from '../lib/rows';
import type { ConversationId, Draft, Ipc, Position, TimelineItem, TimelinePage } from '../ipc';

/**
 * Number of messages that are read around a position that is jumped to, and the least when the shown ones are read
 * again.
 */
const PAGE = 60;
/** Number of messages that are shown first: as many as a window holds, so that nothing more delays them. */
const FIRST = 30;
/** Number of messages that are added at a time while scrolling: as many as a frame has time for. */
const MORE = 12;

/**
 * The loaded stretch of one conversation's history. It is read only from the local files: when something has changed,
 * the same stretch is read again. A message keeps its id from the moment Enter is pressed, so its row on the screen
 * stays the same.
 */
export class Timeline {
  items = $state.raw<TimelineItem[]>([]);
  atOldest = $state(false);
  atNewest = $state(true);
  missingOlder = $state(false);
  loaded = $state(false);
  /** Where the reader is taken, a new object each time: a message, or with a `seq` of null the newest one. */
  goal = $state.raw<{ seq: number | null } | null>(null);
  /** The first unread message when the conversation was opened or marked as unread. The divider stays above it. */
  unreadFrom = $state<number | null>(null);
  /**
   * Most messages that are kept. Beyond it, messages at the far end are dropped, and read again when they are
   * scrolled to. Messages that are kept but not visible slow down every frame, so the window's height decides the
   * number.
   */
  most = 120;
  /** Counts reads, so that a late answer does not undo a newer one. */
  #reads = 0;
  #loading = false;
  /** Set while the reader is being taken to another position; `changed` tells whether something changed meanwhile. */
  #going: { changed: boolean } | null = null;
  /** Whether something changed while more messages were being read. */
  #changed = false;

  constructor(
    readonly conversationId: ConversationId,
    private ipc: Pick<Ipc, 'timeline' | 'sendMessage' | 'fetchOlder'>,
    unreadFrom: number | null = null,
  ) {
    this.unreadFrom = unreadFrom;
  }

  /** Shows a page that was already read. */
  show(page: TimelinePage) {
    this.items = keptItems(this.items, page.items);
    this.atOldest = page.atOldest;
    this.atNewest = page.atNewest;
    this.missingOlder = page.missingOlder;
    this.loaded = true;
  }

  /** Shows the newest messages, or the first unread one if it is further back. */
  async open(unread: number) {
    const from = unread > FIRST - 10 ? this.unreadFrom : null;
    await this.#go(from === null ? { at: 'newest' } : { at: 'around', seq: from }, FIRST);
  }

  /** Shows a message with those around it. */
  async jumpTo(seq: number) {
    await this.#go({ at: 'around', seq }, PAGE);
    this.goal = { seq };
  }

  /** The position of the message that was jumped to, which is highlighted. */
  get target(): number | null {
    return this.goal?.seq ?? null;
  }

  /** Removes the highlight, because the reader scrolls or types. */
  unmark() {
    this.goal = null;
  }

  /** Shows the newest messages. */
  async toNewest() {
    await this.#go({ at: 'newest' }, PAGE);
    this.goal = { seq: null };
  }

  /** Reads the same stretch again. */
  async refresh() {
    if (this.#going) {
      this.#going.changed = true;
      return;
    }
    if (this.#loading) {
      this.#changed = true;
      return;
    }
    const limit = Math.min(Math.max(this.items.length + 10, PAGE), this.most);
    const last = this.#lastSeq;
    if (this.atNewest || last === null) await this.#read({ at: 'newest' }, limit);
    else await this.#read({ at: 'before', seq: last + 1 }, this.items.length, true);
  }

  async loadOlder() {
    const first = this.items.find((item) => item.seq !== null)?.seq ?? null;
    if (first === null || this.atOldest) return;
    await this.#extend({ at: 'before', seq: first }, (page) => {
      this.atOldest = page.atOldest;
      this.missingOlder = page.missingOlder;
      // Messages that are not stored on this computer are fetched for a reader who scrolls to them.
      if (page.missingOlder) void this.ipc.fetchOlder(this.conversationId).catch(() => {});
      if (page.items.length === 0) return;
      const items = [...page.items, ...this.items];
      this.items = items.slice(0, this.most);
      if (items.length > this.most) this.atNewest = false;
    });
  }

  async loadNewer() {
    const last = this.#lastSeq;
    if (last === null || this.atNewest) return;
    await this.#extend({ at: 'after', seq: last }, (page) => {
      const items = [...this.items, ...page.items];
      this.items = items.slice(-this.most);
      this.atNewest = page.atNewest;
      if (items.length > this.most) this.atOldest = false;
    });
  }

  /**
   * Sends a message. Resolves once it is on disk; by then it is also on the screen, and the reader is taken to it.
   */
  async send(id: string, saying: Draft & { files: number[] }) {
    const item = await this.ipc.sendMessage(this.conversationId, id, saying);
    if (!this.atNewest) await this.toNewest();
    if (!this.items.some((held) => held.id === id)) this.items = [...this.items, item];
    this.goal = { seq: null };
  }

  /** Returns the user's newest message that can be edited. It skips those that are about to be deleted. */
  lastOwn(isGoing: (id: string) => boolean = () => false): TimelineItem | undefined {
    return this.items.findLast((item) => item.own && !item.deleted && !isGoing(item.id));
  }

  get #lastSeq(): number | null {
    return this.items.findLast((item) => item.seq !== null)?.seq ?? null;
  }

  async #extend(position: Position, apply: (page: TimelinePage) => void) {
    // Once the reader is there, the window asks again.
    if (this.#loading || this.#going) return;
    this.#loading = true;
    const read = ++this.#reads;
    try {
      const page = await this.ipc.timeline(this.conversationId, position, MORE);
      if (read === this.#reads) apply(page);
    } finally {
      this.#loading = false;
    }
    if (this.#changed) {
      this.#changed = false;
      await this.refresh();
    }
  }

  async #go(position: Position, limit: number) {
    const going = { changed: false };
    this.#going = going;
    try {
      do {
        going.changed = false;
        await this.#read(position, limit);
      } while (going.changed && this.#going === going);
    } finally {
      if (this.#going === going) this.#going = null;
    }
  }

  async #read(position: Position, limit: number, sameEnds = false) {
    const read = ++this.#reads;
    const page = await this.ipc.timeline(this.conversationId, position, limit);
    await typedIsPainted();
    if (read !== this.#reads) return;
    const { atNewest } = this;
    this.show(page);
    if (sameEnds) this.atNewest = atNewest && page.atNewest;
  }
}
