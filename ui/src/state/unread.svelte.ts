import type { ConversationId, ConversationSummary } from '../ipc';
import { mergeInOriginalOrder, shouldRead, initiallyOpen, readingOrder } from '../lib/unread-cards';
import type { MarkedRead } from './marked-read.svelte';

/** Most cards that are rendered at once. */
const CARDS = 60;

/** What `Unread` needs of the window's state. */
type Needs = {
  conversations: ConversationSummary[];
  clock: { isAhead: (at: number | null) => boolean };
};

/** The conversations with unread messages, to be read one after another. Their order stays while one reads. */
export class Unread {
  /** The conversations in their order; those that are read meanwhile stay in it, and are not shown. */
  #order = $state.raw<ConversationId[]>([]);
  /** The open cards. */
  #open = $state.raw<ConversationId[]>([]);
  /** The card on which the keys act, which stays even if it is read meanwhile. */
  current = $state<ConversationId | null>(null);
  oldest = $state(false);
  /** The card in which a reply is written. */
  replying = $state<ConversationId | null>(null);
  #limit = $state(CARDS);

  constructor(
    private app: Needs,
    private reads: MarkedRead,
  ) {}

  #isMuted = (row: ConversationSummary) => this.app.clock.isAhead(row.mutedUntil);
  #toRead = $derived.by(() =>
    this.app.conversations.filter((row) => shouldRead(row, this.#isMuted(row))),
  );
  /** Muted conversations with unread messages. */
  readonly muted = $derived.by(() =>
    this.app.conversations.filter((row) => this.#isMuted(row) && shouldRead(row, false)),
  );
  /** Number of unread messages and of conversations with some. */
  readonly messages = $derived(this.#toRead.reduce((sum, row) => sum + row.unread, 0));
  readonly many = $derived(this.#toRead.length);

  /** The cards. What becomes unread meanwhile comes last. */
  #all = $derived.by(() =>
    mergeInOriginalOrder(this.#order, readingOrder(this.#toRead, this.oldest), this.#kept),
  );
  /** The current conversation, which is shown even after it was read. */
  get #kept(): ConversationSummary | undefined {
    return this.app.conversations.find((row) => row.id === this.current);
  }
  readonly cards = $derived(this.#all.slice(0, this.#limit));
  readonly hasMore = $derived(this.#all.length > this.cards.length);

  /** Begins with the conversations as they are now. */
  begin() {
    const rows = readingOrder(this.#toRead, this.oldest);
    this.#order = rows.map((row) => row.id);
    this.#open = initiallyOpen(rows);
    this.current = this.#order[0] ?? null;
    this.replying = null;
    this.#limit = CARDS;
  }

  /** Sorts the cards the other way round. */
  turn() {
    this.oldest = !this.oldest;
    this.begin();
  }

  showMore() {
    this.#limit += CARDS;
  }

  isOpen = (id: ConversationId) => this.#open.includes(id);

  toggle(id: ConversationId, on = !this.isOpen(id)) {
    const others = this.#open.filter((one) => one !== id);
    this.#open = on ? [...others, id] : others;
  }

  /** Makes a card the current one, and opens it. */
  go(id: ConversationId | null) {
    if (id !== this.current) this.replying = null;
    // What became unread meanwhile keeps its place from here on.
    this.#order = [...this.#order, ...this.#late()];
    this.current = id;
    if (id) this.toggle(id, true);
  }

  /** Goes to the next (1) or previous (-1) card, if there is one. Returns whether it did. */
  step(by: 1 | -1): boolean {
    const at = this.cards.findIndex((row) => row.id === this.current);
    const next = this.cards[at + by];
    if (next) this.go(next.id);
    return next !== undefined;
  }

  /** Marks a card as read and goes on. */
  async markRead(id: ConversationId) {
    const row = this.#all.find((one) => one.id === id);
    if (id === this.current && !this.step(1) && !this.step(-1)) this.go(null);
    if (row && row.unread > 0) await this.reads.mark([readingOf(row)]);
  }

  /** Marks every card as read. */
  async markAllRead() {
    this.go(null);
    await this.reads.mark(this.#toRead.map(readingOf));
  }

  #late = () => this.#all.map((row) => row.id).filter((id) => !this.#order.includes(id));
}

const readingOf = (row: ConversationSummary) => ({
  id: row.id,
  from: row.lastReadSeq + 1,
  upTo: row.lastSeq,
  count: row.unread,
});
