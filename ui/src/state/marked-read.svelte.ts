import type { ConversationId, Ipc } from '../ipc';
import { UNDO_MS } from './deletions.svelte';

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;
type Needs = Pick<Ipc, 'markRead' | 'act'>;
/** A conversation that is read up to a position, from the first one that was unread, and how many messages that are. */
export type Reading = { id: ConversationId; from: number; upTo: number; count: number };

/**
 * Conversations that were marked as read without being looked at. They are at once, so that nothing is shown that is
 * not so; for a while, it can be undone.
 */
export class MarkedRead {
  #undoable = $state.raw<{ id: ConversationId; from: number; count: number }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private ipc: Needs,
    private attempt: Attempt,
  ) {}

  /** Number of messages that can be marked as unread again. */
  readonly count = $derived(this.#undoable.reduce((sum, { count }) => sum + count, 0));

  /** Marks conversations as read. */
  async mark(readings: Reading[]) {
    await this.attempt(async () => {
      for (const { id, from, upTo, count } of readings) {
        await this.ipc.markRead(id, upTo);
        this.note([{ id, from, count }]);
      }
    });
  }

  /** Notes what was marked as read, so that it can be undone. */
  note(read: { id: ConversationId; from: number; count: number }[]) {
    if (read.length === 0) return;
    this.#undoable = [...this.#undoable, ...read];
    this.#wait();
  }

  /** Makes everything unread again that was marked in the last seconds. */
  async undo() {
    clearTimeout(this.#timer);
    const undone = this.#undoable;
    this.#undoable = [];
    await this.attempt(async () => {
      for (const { id, from } of undone)
        await this.ipc.act(id, { type: 'markUnread', on: false, from });
    });
  }

  /** Stops the countdown while the user is at the bar that offers to undo, and restarts it afterwards. */
  hold(on: boolean) {
    if (on) clearTimeout(this.#timer);
    else if (this.count > 0) this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#undoable = []), UNDO_MS);
  }
}
