import type { ConversationId, Draft, Ipc, TimelineItem } from '../ipc';
import type { WaitingDeletion } from '../lib/deleting';
import { SETTINGS } from '../lib/settings';
import { uuid7 } from '../lib/uuid7';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

/** Time after the last deletion during which it can be undone, in milliseconds. */
export const UNDO_MS = 6000;

type DeletionsIpc = Pick<Ipc, 'deleteMessage' | 'sendMessage'> & SettingsIpc;
type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Deletions that can still be undone. Until they are final, they are not sent to the server, but the messages are shown
 * as deleted. The waiting deletions are stored on disk: if the program ends or is locked before, they are sent when
 * the account is opened again.
 *
 * A message that has not reached the server is removed from the outbox immediately, so that it is not sent while its
 * deletion waits. Undoing that sends it as a new message, unless it had files.
 */
export class Deletions {
  #waiting = $state.raw<WaitingDeletion[]>([]);
  /** Deletions that are being sent and can no longer be undone. */
  #committing = $state.raw<WaitingDeletion[]>([]);
  #unsent = $state.raw<{ conversation: ConversationId; draft: Draft }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `reload` reloads the shown messages. */
  constructor(
    private ipc: DeletionsIpc,
    private attempt: Attempt,
    private reload: () => Promise<unknown> | undefined,
  ) {}

  /** Number of deletions that can be undone. */
  readonly count = $derived(this.#waiting.length + this.#unsent.length);
  #ids = $derived([...this.#waiting, ...this.#committing].map(({ id }) => id));

  /** Whether a message is shown as deleted. */
  has = (id: string) => this.#ids.includes(id);

  /** Whether the message at a position is shown as deleted. */
  hasAt = (conversation: ConversationId, seq: number) =>
    [...this.#waiting, ...this.#committing].some(
      (deletion) => deletion.conversation === conversation && deletion.seq === seq,
    );

  /** Deletes messages of a conversation, unless the deletion is undone in time. */
  async delete(conversation: ConversationId, items: TimelineItem[]) {
    const sent = items.filter((item) => item.seq !== null && !this.has(item.id));
    this.#waiting = [
      ...this.#waiting,
      ...sent.map(({ id, seq }) => ({ conversation, id, seq: seq! })),
    ];
    this.#startTimer();
    await this.attempt(async () => {
      await this.#store();
      for (const { id, seq, body, replyTo, files } of items) {
        if (seq !== null) continue;
        await this.ipc.deleteMessage(conversation, id);
        // The copies of its files are deleted with it, which the user has confirmed.
        if (files.length > 0) continue;
        const draft = { body, replyTo: replyTo?.id ?? null };
        this.#unsent = [...this.#unsent, { conversation, draft }];
      }
    });
  }

  /** Undoes all deletions that can be. Returns the id of a message that is visible again, if there is one. */
  async undo(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    const [waiting, unsent] = [this.#waiting, this.#unsent];
    this.#unsent = [];
    await this.attempt(async () => {
      // The messages are shown again only once the stored deletions are removed.
      await storeSetting(this.ipc, SETTINGS.deletions, []);
      this.#waiting = this.#waiting.filter((deletion) => !waiting.includes(deletion));
      for (const { conversation, draft } of unsent)
        await this.ipc.sendMessage(conversation, uuid7(), draft);
    });
    if (this.count > 0) this.#startTimer();
    return waiting[0]?.id;
  }

  /** Sends the waiting deletions now. */
  async commit() {
    clearTimeout(this.#timer);
    const committing = this.#waiting;
    [this.#waiting, this.#unsent] = [[], []];
    if (committing.length === 0) return;
    this.#committing = [...this.#committing, ...committing];
    await this.attempt(async () => {
      for (const { conversation, id } of committing) await this.ipc.deleteMessage(conversation, id);
      await this.#store();
      await this.reload();
    });
    this.#committing = this.#committing.filter((deletion) => !committing.includes(deletion));
  }

  /** Sends the deletions that were still waiting when the account was last open. */
  async resume() {
    const remaining = (await loadSetting(this.ipc, SETTINGS.deletions)).filter(
      ({ id }) => !this.has(id),
    );
    if (remaining.length === 0) return;
    for (const { conversation, id } of remaining) await this.ipc.deleteMessage(conversation, id);
    await this.#store();
  }

  /** Stops the countdown while the user is using the undo bar, and restarts it afterwards. */
  setPaused(isPaused: boolean) {
    if (isPaused) clearTimeout(this.#timer);
    else if (this.count > 0) this.#startTimer();
  }

  #startTimer() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.commit(), UNDO_MS);
  }

  async #store() {
    await storeSetting(this.ipc, SETTINGS.deletions, this.#waiting);
  }
}
