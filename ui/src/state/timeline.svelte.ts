import { typedIsPainted } from '../lib/painted';
import { keptItems } from '../lib/rows';
import type { ConversationId, Draft, Ipc, Position, TimelineItem, TimelinePage } from '../ipc';

/** Messages read around a place that one is taken to, and at least when they are read anew. */
const PAGE = 60;
/** Messages that are shown at first: as many as a window holds, and no more to wait for. */
const FIRST = 30;
/** Messages that are added at once where one scrolls: as many as a frame has time for. */
const MORE = 12;

/**
 * One conversation's visible stretch of history. It is read from the files and nothing else: when
 * something changed, the same stretch is read again. A message keeps its id from Enter on, so its
 * row on the screen stays the same row.
 */
export class Timeline {
  items = $state.raw<TimelineItem[]>([]);
  atOldest = $state(false);
  atNewest = $state(true);
  missingOlder = $state(false);
  loaded = $state(false);
  /** Where the reader goes, another object each time: a message, or (without `seq`) the newest. */
  goal = $state.raw<{ seq: number | null } | null>(null);
  /** The first message that was unread on opening, or is since it was marked so; the divider stays there. */
  unreadFrom = $state<number | null>(null);
  /**
   * Most messages held; past it the far end is let go and read again when one scrolls there. What is
   * held and not seen costs every frame something, so it is what the window's height needs.
   */
  most = 120;
  /** Counts reads, so that an answer that comes late does not undo a later one. */
  #reads = 0;
  #loading = false;
  /** That the reader is being taken somewhere, and whether something changed meanwhile. */
  #going: { changed: boolean } | null = null;
  /** Whether something changed while more was being read. */
  #changed = false;

  constructor(
    readonly conversationId: ConversationId,
    private ipc: Pick<Ipc, 'timeline' | 'sendMessage' | 'fetchOlder'>,
    unreadFrom: number | null = null,
  ) {
    this.unreadFrom = unreadFrom;
  }

  /** Shows what is there already. */
  show(page: TimelinePage) {
    this.items = keptItems(this.items, page.items);
    this.atOldest = page.atOldest;
    this.atNewest = page.atNewest;
    this.missingOlder = page.missingOlder;
    this.loaded = true;
  }

  /** Shows the newest messages, or where reading stopped if that is further back. */
  async open(unread: number) {
    const from = unread > FIRST - 10 ? this.unreadFrom : null;
    await this.#go(from === null ? { at: 'newest' } : { at: 'around', seq: from }, FIRST);
  }

  /** Shows a message with what surrounds it. */
  async jumpTo(seq: number) {
    await this.#go({ at: 'around', seq }, PAGE);
    this.goal = { seq };
  }

  /** The message that was jumped to; it is marked. */
  get target(): number | null {
    return this.goal?.seq ?? null;
  }

  /** Whoever scrolls or types has found what they jumped to. */
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
      // Also what is not kept on this computer by itself comes to whoever scrolls to it.
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

  /** Says something. Answers once it is on the disk; then it is on the screen too, and the reader with it. */
  async send(id: string, saying: Draft) {
    const item = await this.ipc.sendMessage(this.conversationId, id, saying);
    if (!this.atNewest) await this.toNewest();
    if (!this.items.some((held) => held.id === id)) this.items = [...this.items, item];
    this.goal = { seq: null };
  }

  /** My newest message that can be edited; none that is about to be deleted. */
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
