import type { ConversationId, ConversationSummary, Ipc } from '../ipc';

/** More conversations than anyone has. */
const ALL = 1_000_000;

/** The rows of the list of conversations, newest first. */
export class Conversations {
  rows = $state.raw<ConversationSummary[]>([]);
  /** The last reading of rows. They follow each other, so that no older one is shown last. */
  #reading: Promise<void> = Promise.resolve();

  constructor(private ipc: Pick<Ipc, 'conversations'>) {}

  loadAll(): Promise<void> {
    return this.inOrder(async () => {
      this.rows = await this.ipc.conversations(ALL);
    });
  }

  /** Reads rows once what was asked for before is read and shown. */
  inOrder(read: () => Promise<void>): Promise<void> {
    // One that fails says so to whoever asked for it, and the next goes on.
    const reading = this.#reading.catch(() => undefined).then(read);
    this.#reading = reading;
    return reading;
  }

  /** Shows the rows of some conversations as they were read anew; one that is not among them is gone. */
  put(ids: ConversationId[], rows: ConversationSummary[]) {
    const others = this.rows.filter((conversation) => !ids.includes(conversation.id));
    this.rows = [...others, ...rows].sort((a, b) => b.activeAt - a.activeAt);
  }
}
