import type { ConversationId, ConversationSummary, Ipc } from '../ipc';

/** More conversations than any user has. */
const NO_LIMIT = 1_000_000;

/** The rows of the conversation list, newest first. */
export class Conversations {
  rows = $state.raw<ConversationSummary[]>([]);
  /** The last read of rows. Reads run one after another, so that an older result is never shown last. */
  #reading: Promise<void> = Promise.resolve();
  /** The read of all rows that waits for earlier reads, if there is one. */
  #waiting: Promise<void> | null = null;

  constructor(private ipc: Pick<Ipc, 'conversations'>) {}

  /** Reads all rows, after all earlier reads. Requests while such a read is waiting share it. */
  loadAll(): Promise<void> {
    this.#waiting ??= this.enqueue(async () => {
      // From here on, the read may miss later changes.
      this.#waiting = null;
      this.rows = await this.ipc.conversations(NO_LIMIT);
    });
    return this.#waiting;
  }

  /** Runs `read` after all earlier reads have finished. */
  enqueue(read: () => Promise<void>): Promise<void> {
    // A failure is reported to the caller of that read, and the next read runs anyway.
    const reading = this.#reading.catch(() => undefined).then(read);
    this.#reading = reading;
    return reading;
  }

  /** Replaces the rows of the conversations `ids` with `rows`. A conversation without a row is removed. */
  put(ids: ConversationId[], rows: ConversationSummary[]) {
    const others = this.rows.filter((conversation) => !ids.includes(conversation.id));
    this.rows = [...others, ...rows].sort((a, b) => b.activeAt - a.activeAt);
  }
}
