import { inputPainted } from '../lib/painted';
import { reuseItems } from '../lib/rows';
import { limits } from '../ipc';
import type { ConversationId, Draft, Ipc, Position, TimelineItem, TimelinePage } from '../ipc';

/**
 * Number of messages that are loaded around a position that is jumped to, and the minimum for a refresh.
 */
const PAGE_SIZE = 60;
/** Number of messages that are added at a time while scrolling: as many as can be rendered in a frame. */
const SCROLL_SIZE = 12;

/**
 * The loaded range of one conversation's history. It is read only from the local files. After a change, the same range
 * is read again. A message keeps its id from the moment Enter is pressed, so its row stays the same.
 */
export class Timeline {
  items = $state.raw<TimelineItem[]>([]);
  atOldest = $state(false);
  atNewest = $state(true);
  missingOlder = $state(false);
  loaded = $state(false);
  /** Where to scroll, a new object each time: to a message, or with a `seq` of null to the newest one. */
  scrollTarget = $state.raw<{ seq: number | null } | null>(null);
  /** The first unread message when the conversation was opened or marked as unread. The divider stays above it. */
  unreadFrom = $state<number | null>(null);
  /**
   * Maximum number of loaded messages. Beyond it, messages at the far end are dropped, and read again when they are
   * scrolled to. Invisible messages slow down every frame, so the window's height decides the number.
   */
  limit = 120;
  /** Counts reads, so that a late response does not replace a newer one. */
  #reads = 0;
  #loading = false;
  /** Set during a jump to another position. `changed` is whether something changed meanwhile. */
  #jump: { changed: boolean } | null = null;
  /** Whether something changed while more messages were being read. */
  #changed = false;

  constructor(
    readonly conversationId: ConversationId,
    private ipc: Pick<Ipc, 'timeline' | 'sendMessage' | 'fetchOlder'>,
    unreadFrom: number | null = null,
  ) {
    this.unreadFrom = unreadFrom;
  }

  /** Shows a page that was already loaded. */
  show(page: TimelinePage) {
    this.items = reuseItems(this.items, page.items);
    this.atOldest = page.atOldest;
    this.atNewest = page.atNewest;
    this.missingOlder = page.missingOlder;
    this.loaded = true;
  }

  /** Shows the newest messages, or the first unread one if it is further back. */
  async open(unread: number) {
    const from = unread > limits.firstMessages - 10 ? this.unreadFrom : null;
    await this.#jumpTo(
      from === null ? { at: 'newest' } : { at: 'around', seq: from },
      limits.firstMessages,
    );
  }

  /** Shows a message with those around it. */
  async jumpTo(seq: number) {
    await this.#jumpTo({ at: 'around', seq }, PAGE_SIZE);
    this.scrollTarget = { seq };
  }

  /** The position of the message that was jumped to, which is highlighted. */
  get target(): number | null {
    return this.scrollTarget?.seq ?? null;
  }

  /** Removes the highlight, because the user scrolls or types. */
  clearTarget() {
    this.scrollTarget = null;
  }

  /** Shows the newest messages. */
  async jumpToNewest() {
    await this.#jumpTo({ at: 'newest' }, PAGE_SIZE);
    this.scrollTarget = { seq: null };
  }

  /** Reads the same range again. */
  async refresh() {
    if (this.#jump) {
      this.#jump.changed = true;
      return;
    }
    if (this.#loading) {
      this.#changed = true;
      return;
    }
    const limit = Math.min(Math.max(this.items.length + 10, PAGE_SIZE), this.limit);
    const last = this.#lastSeq;
    if (this.atNewest || last === null) await this.#read({ at: 'newest' }, limit);
    else await this.#read({ at: 'before', seq: last + 1 }, this.items.length, true);
  }

  /** Loads older messages, if there are any. */
  async loadOlder() {
    const first = this.items.find((item) => item.seq !== null)?.seq ?? null;
    if (first === null || this.atOldest) return;
    await this.#extend({ at: 'before', seq: first }, (page) => {
      this.atOldest = page.atOldest;
      this.missingOlder = page.missingOlder;
      // Messages that are not stored on this computer are requested once the user scrolls to them.
      if (page.missingOlder) void this.ipc.fetchOlder(this.conversationId).catch(() => {});
      if (page.items.length === 0) return;
      const items = [...page.items, ...this.items];
      this.items = items.slice(0, this.limit);
      if (items.length > this.limit) this.atNewest = false;
    });
  }

  /** Loads newer messages, if there are any. */
  async loadNewer() {
    const last = this.#lastSeq;
    if (last === null || this.atNewest) return;
    await this.#extend({ at: 'after', seq: last }, (page) => {
      const items = [...this.items, ...page.items];
      this.items = items.slice(-this.limit);
      this.atNewest = page.atNewest;
      if (items.length > this.limit) this.atOldest = false;
    });
  }

  /**
   * Sends a message, and scrolls to it. Resolves once it is on disk and shown.
   */
  async send(id: string, message: Draft & { files: number[] }) {
    const sent = await this.ipc.sendMessage(this.conversationId, id, message);
    if (!this.atNewest) await this.jumpToNewest();
    if (!this.items.some((item) => item.id === id)) this.items = [...this.items, sent];
    this.scrollTarget = { seq: null };
  }

  /** Returns the user's newest message that can be edited. Messages that are being deleted are skipped. */
  lastOwn(isBeingDeleted: (id: string) => boolean = () => false): TimelineItem | undefined {
    return this.items.findLast((item) => item.own && !item.deleted && !isBeingDeleted(item.id));
  }

  get #lastSeq(): number | null {
    return this.items.findLast((item) => item.seq !== null)?.seq ?? null;
  }

  async #extend(position: Position, apply: (page: TimelinePage) => void) {
    // After the jump, the window requests more again.
    if (this.#loading || this.#jump) return;
    this.#loading = true;
    const read = ++this.#reads;
    try {
      const page = await this.ipc.timeline(this.conversationId, position, SCROLL_SIZE);
      if (read === this.#reads) apply(page);
    } finally {
      this.#loading = false;
    }
    if (this.#changed) {
      this.#changed = false;
      await this.refresh();
    }
  }

  async #jumpTo(position: Position, limit: number) {
    const jump = { changed: false };
    this.#jump = jump;
    try {
      do {
        jump.changed = false;
        await this.#read(position, limit);
      } while (jump.changed && this.#jump === jump);
    } finally {
      if (this.#jump === jump) this.#jump = null;
    }
  }

  async #read(position: Position, limit: number, keepsEnd = false) {
    const read = ++this.#reads;
    const page = await this.ipc.timeline(this.conversationId, position, limit);
    await inputPainted();
    if (read !== this.#reads) return;
    const { atNewest } = this;
    this.show(page);
    if (keepsEnd) this.atNewest = atNewest && page.atNewest;
  }
}
