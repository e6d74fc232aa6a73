import type { ConversationId, Ipc } from '../ipc';
import { UNDO_MS } from './deletions.svelte';

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;
type MarkReadIpc = Pick<Ipc, 'markRead' | 'act'>;
/**
 * A conversation's range of messages that become read: from the first unread position up to `upTo`, `count` messages.
 */
export type ReadRange = { id: ConversationId; from: number; upTo: number; count: number };

/**
 * Conversations that were marked as read without being opened. This has an immediate effect, but can be undone for a
 * while.
 */
export class MarkedRead {
  #undoable = $state.raw<{ id: ConversationId; from: number; count: number }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private ipc: MarkReadIpc,
    private attempt: Attempt,
  ) {}

  /** Number of messages that can be marked as unread again. */
  readonly count = $derived(this.#undoable.reduce((sum, { count }) => sum + count, 0));

  /** Marks conversations as read. */
  async mark(ranges: ReadRange[]) {
    await this.attempt(async () => {
      for (const { id, from, upTo, count } of ranges) {
        await this.ipc.markRead(id, upTo);
        this.add([{ id, from, count }]);
      }
    });
  }

  /** Adds ranges that were marked as read, so that this can be undone. */
  add(read: { id: ConversationId; from: number; count: number }[]) {
    if (read.length === 0) return;
    this.#undoable = [...this.#undoable, ...read];
    this.#startTimer();
  }

  /** Marks everything as unread again that can be undone. */
  async undo() {
    clearTimeout(this.#timer);
    const undone = this.#undoable;
    this.#undoable = [];
    await this.attempt(async () => {
      for (const { id, from } of undone)
        await this.ipc.act(id, { type: 'markUnread', on: false, from });
    });
  }

  /** Stops the countdown while the user is using the undo bar, and restarts it afterwards. */
  setPaused(isPaused: boolean) {
    if (isPaused) clearTimeout(this.#timer);
    else if (this.count > 0) this.#startTimer();
  }

  #startTimer() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#undoable = []), UNDO_MS);
  }
}
