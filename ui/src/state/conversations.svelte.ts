import type { ConversationId, ConversationSummary, Ipc } from '../ipc';

/** More conversations than any user has. */
const ALL = 1_000_000;

/** The rows of the conversation list, newest first. */
export class Conversations {
  rows = $state.raw<ConversationSummary[]>([]);
  /** The last read of rows. Reads run one after another, so that an older result is never shown last. */
  #reading: Promise<void> = Promise.resolve();

  constructor(private ipc: Pick<Ipc, 'conversations'>) {}

  loadAll(): Promise<void> {
    return this.inOrder(async () => {
      this.rows = await this.ipc.conversations(ALL);
    });
  }

  /** Runs `read` after all earlier reads are finished and shown. */
  inOrder(read: () => Promise<void>): Promise<void> {
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
