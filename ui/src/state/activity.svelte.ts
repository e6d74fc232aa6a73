import type { ActivityEntry, ActivityKind, ActivityPage, ConversationId, Ipc } from '../ipc';
import type { MarkedRead } from './marked-read.svelte';

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;
type ActivityIpc = Pick<Ipc, 'activity' | 'activityCount' | 'readActivity' | 'seeReactions'>;

/** Minimum time between two reads of the count, in milliseconds. */
const COUNT_INTERVAL_MS = 500;
/** Maximum number of pages that are read for one request if they are short. */
const MAX_PAGES = 5;

/** The loaded part of the activity: mentions, replies, reactions and keywords, newest first. */
export class Activity {
  entries = $state.raw<ActivityEntry[]>([]);
  kind = $state<ActivityKind | null>(null);
  /** The message of the chosen entry. */
  chosen = $state<string | null>(null);
  loaded = $state(false);
  /** Number of new entries. */
  count = $state(0);
  #next: ActivityPage['next'] = null;
  /** Counts reads, so that a late response does not replace a newer one. */
  #reads = 0;
  #isLoading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private ipc: ActivityIpc,
    private attempt: Attempt,
    private reads: MarkedRead,
  ) {}

  /** Index of the chosen entry; -1 for none. */
  readonly index = $derived(this.entries.findIndex((entry) => entry.messageId === this.chosen));

  get current(): ActivityEntry | null {
    return this.entries[this.index] ?? null;
  }

  /** Shows the entries of one kind, or of all. */
  async show(kind: ActivityKind | null) {
    this.kind = kind;
    this.loaded = false;
    this.entries = [];
    await this.refresh();
    this.chosen = this.entries[0]?.messageId ?? null;
  }

  /** Reloads as many entries as are shown. */
  async refresh() {
    const read = ++this.#reads;
    const targetCount = Math.max(this.entries.length, 1);
    await this.attempt(async () => {
      let page = await this.ipc.activity(this.kind, null);
      let { entries } = page;
      for (let more = 1; page.next && entries.length < targetCount; more++) {
        // A page can be short if most of its entries were filtered out.
        if (more > MAX_PAGES && entries.length >= targetCount / 2) break;
        page = await this.ipc.activity(this.kind, page.next);
        entries = [...entries, ...page.entries];
      }
      if (read !== this.#reads) return;
      [this.entries, this.#next, this.loaded] = [entries, page.next, true];
    });
  }

  /** Loads older entries, if there are any. */
  async loadMore() {
    if (this.#isLoading || !this.#next || !this.loaded) return;
    this.#isLoading = true;
    const read = this.#reads;
    await this.attempt(async () => {
      for (let pages = 0, before = this.entries.length; pages < MAX_PAGES && this.#next; pages++) {
        const page = await this.ipc.activity(this.kind, this.#next);
        if (read !== this.#reads) return;
        this.entries = [...this.entries, ...page.entries];
        this.#next = page.next;
        if (this.entries.length > before) break;
      }
    });
    this.#isLoading = false;
  }

  /** Marks an entry as read: the conversation up to its message, or the reactions there. */
  async markRead(entry: ActivityEntry, from: number) {
    const { conversationId: id, seq } = entry.position;
    if (entry.cause === 'reaction') await this.attempt(() => this.ipc.seeReactions(id));
    else if (seq >= from) await this.reads.mark([{ id, from, upTo: seq, count: 1 }]);
    await this.changed();
  }

  /** Marks everything as read. */
  async markAllRead() {
    await this.attempt(async () => {
      const read = await this.ipc.readActivity();
      this.reads.add(read.map(([id, from]) => ({ id, from, count: 1 })));
    });
    await this.changed();
  }

  /** Marks the reactions in a conversation as seen. */
  async seen(id: ConversationId) {
    try {
      await this.ipc.seeReactions(id);
    } catch {
      // They count as new until the conversation is opened again.
      return;
    }
    this.scheduleCount();
  }

  /** Reloads the shown entries after a change. */
  async changed(isShown = true) {
    this.scheduleCount();
    if (isShown) await this.refresh();
  }

  async #readCount() {
    try {
      this.count = (await this.ipc.activityCount()) ?? 0;
    } catch {
      // The next change reads it again.
    }
  }

  /** Reads the number of new entries soon. */
  scheduleCount() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#readCount();
    }, COUNT_INTERVAL_MS);
  }
}
