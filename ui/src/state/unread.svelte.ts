import type { ConversationId, ConversationSummary } from '../ipc';
import {
  mergeInOriginalOrder,
  isToRead,
  initiallyOpenIds,
  readingOrder,
} from '../lib/unread-cards';
import type { MarkedRead } from './marked-read.svelte';

/** Number of cards that are rendered initially, and added by {@link Unread.showMore}. */
const PAGE_SIZE = 60;

/** The part of the window's state that is used here. */
type UnreadHost = {
  conversations: ConversationSummary[];
  clock: { isAhead: (time: number | null) => boolean };
};

/** The conversations with unread messages, to be read one after another. Their order is fixed at the start. */
export class Unread {
  /** The order of the conversations. Those that were read since the start stay in it, but are not shown. */
  #order = $state.raw<ConversationId[]>([]);
  /** The open cards. */
  #open = $state.raw<ConversationId[]>([]);
  /** The card to which keys apply. It stays even if it is read. */
  current = $state<ConversationId | null>(null);
  oldestFirst = $state(false);
  /** The card in which a reply is written. */
  replying = $state<ConversationId | null>(null);
  #limit = $state(PAGE_SIZE);

  constructor(
    private app: UnreadHost,
    private reads: MarkedRead,
  ) {}

  #isMuted = (row: ConversationSummary) => this.app.clock.isAhead(row.mutedUntil);
  #toRead = $derived.by(() =>
    this.app.conversations.filter((row) => isToRead(row, this.#isMuted(row))),
  );
  /** Muted conversations with unread messages. */
  readonly muted = $derived.by(() =>
    this.app.conversations.filter((row) => this.#isMuted(row) && isToRead(row, false)),
  );
  /** Number of unread messages, and of conversations with unread messages. */
  readonly messageCount = $derived(this.#toRead.reduce((sum, row) => sum + row.unread, 0));
  readonly conversationCount = $derived(this.#toRead.length);

  /** All cards. Conversations that became unread since the start are last. */
  #all = $derived.by(() =>
    mergeInOriginalOrder(
      this.#order,
      readingOrder(this.#toRead, this.oldestFirst),
      this.#currentRow,
    ),
  );
  /** The current conversation, which is shown even after it was read. */
  get #currentRow(): ConversationSummary | undefined {
    return this.app.conversations.find((row) => row.id === this.current);
  }
  readonly cards = $derived(this.#all.slice(0, this.#limit));
  readonly hasMore = $derived(this.#all.length > this.cards.length);

  /** Starts with the currently unread conversations. */
  start() {
    const rows = readingOrder(this.#toRead, this.oldestFirst);
    this.#order = rows.map((row) => row.id);
    this.#open = initiallyOpenIds(rows);
    this.current = this.#order[0] ?? null;
    this.replying = null;
    this.#limit = PAGE_SIZE;
  }

  /** Reverses the order of the cards. */
  reverse() {
    this.oldestFirst = !this.oldestFirst;
    this.start();
  }

  showMore() {
    this.#limit += PAGE_SIZE;
  }

  isOpen = (id: ConversationId) => this.#open.includes(id);

  toggle(id: ConversationId, on = !this.isOpen(id)) {
    const others = this.#open.filter((other) => other !== id);
    this.#open = on ? [...others, id] : others;
  }

  /** Makes a card the current one, and opens it. */
  select(id: ConversationId | null) {
    if (id !== this.current) this.replying = null;
    // Conversations that became unread since the start keep their position from here on.
    this.#order = [...this.#order, ...this.#newIds()];
    this.current = id;
    if (id) this.toggle(id, true);
  }

  /** Selects the next (1) or previous (-1) card, if there is one. Returns whether it did. */
  step(direction: 1 | -1): boolean {
    const index = this.cards.findIndex((row) => row.id === this.current);
    const next = this.cards[index + direction];
    if (next) this.select(next.id);
    return next !== undefined;
  }

  /** Marks a card as read and selects the next one. */
  async markRead(id: ConversationId) {
    const row = this.#all.find((row) => row.id === id);
    if (id === this.current && !this.step(1) && !this.step(-1)) this.select(null);
    if (row && row.unread > 0) await this.reads.mark([readRange(row)]);
  }

  /** Marks every card as read. */
  async markAllRead() {
    this.select(null);
    await this.reads.mark(this.#toRead.map(readRange));
  }

  #newIds = () => this.#all.map((row) => row.id).filter((id) => !this.#order.includes(id));
}

const readRange = (row: ConversationSummary) => ({
  id: row.id,
  from: row.lastReadSeq + 1,
  upTo: row.lastSeq,
  count: row.unread,
});
