import type { ConversationId, Draft, Ipc, TimelineItem } from '../ipc';
import type { Waiting } from '../lib/deleting';
import { SETTINGS } from '../lib/settings';
import { uuid7 } from '../lib/uuid7';
import { store, stored, type SettingsIpc } from './stored';

/** Time after the last deletion during which it can be undone, in milliseconds. */
export const UNDO_MS = 6000;

type Needs = Pick<Ipc, 'deleteMessage' | 'sendMessage'> & SettingsIpc;
type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Deletions that can still be undone. Until they are final, they are not sent to the server, wherever the user goes in
 * the window; here the messages are shown as deleted. The waiting deletions are noted on disk: if the program ends or
 * locks meanwhile, they are carried out when the account is opened again.
 *
 * A message that never reached the server is taken out of the outbox at once, or it would be sent while its deletion
 * waits. Undoing that sends it as a new message, unless it had files.
 */
export class Deletions {
  #waiting = $state.raw<Waiting[]>([]);
  /** Deletions that are being carried out and cannot be undone any more. */
  #going = $state.raw<Waiting[]>([]);
  #unsent = $state.raw<{ conversation: ConversationId; saying: Draft }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `shown` reloads what the window shows. */
  constructor(
    private ipc: Needs,
    private attempt: Attempt,
    private shown: () => Promise<unknown> | undefined,
  ) {}

  /** Number of deletions that can be undone. */
  readonly count = $derived(this.#waiting.length + this.#unsent.length);
  #ids = $derived([...this.#waiting, ...this.#going].map(({ id }) => id));

  /** Whether a message is shown as deleted. */
  has = (id: string) => this.#ids.includes(id);

  /** Whether the message at a position is shown as deleted. */
  hasAt = (conversation: ConversationId, seq: number) =>
    [...this.#waiting, ...this.#going].some(
      (one) => one.conversation === conversation && one.seq === seq,
    );

  /** Deletes messages of a conversation, unless the deletion is undone in time. */
  async delete(conversation: ConversationId, items: TimelineItem[]) {
    const there = items.filter((item) => item.seq !== null && !this.has(item.id));
    this.#waiting = [
      ...this.#waiting,
      ...there.map(({ id, seq }) => ({ conversation, id, seq: seq! })),
    ];
    this.#wait();
    await this.attempt(async () => {
      await this.#note();
      for (const { id, seq, body, replyTo, files } of items) {
        if (seq !== null) continue;
        await this.ipc.deleteMessage(conversation, id);
        // Their copies are gone with the message: this was asked about before.
        if (files.length > 0) continue;
        const saying = { body, replyTo: replyTo?.id ?? null };
        this.#unsent = [...this.#unsent, { conversation, saying }];
      }
    });
  }

  /** Undoes all deletions that can be. Returns the id of a message that is visible again, if there is one. */
  async undo(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    const [waiting, unsent] = [this.#waiting, this.#unsent];
    this.#unsent = [];
    await this.attempt(async () => {
      // The messages are shown again once no end of the program can delete them any more.
      await store(this.ipc, SETTINGS.deletions, []);
      this.#waiting = this.#waiting.filter((one) => !waiting.includes(one));
      for (const { conversation, saying } of unsent)
        await this.ipc.sendMessage(conversation, uuid7(), saying);
    });
    if (this.count > 0) this.#wait();
    return waiting[0]?.id;
  }

  /** Carries out the waiting deletions now. */
  async settle() {
    clearTimeout(this.#timer);
    const going = this.#waiting;
    [this.#waiting, this.#unsent] = [[], []];
    if (going.length === 0) return;
    this.#going = [...this.#going, ...going];
    await this.attempt(async () => {
      for (const { conversation, id } of going) await this.ipc.deleteMessage(conversation, id);
      await this.#note();
      await this.shown();
    });
    this.#going = this.#going.filter((one) => !going.includes(one));
  }

  /** Carries out the deletions that were still waiting when the account was last shown. */
  async resume() {
    const left = (await stored(this.ipc, SETTINGS.deletions)).filter(({ id }) => !this.has(id));
    if (left.length === 0) return;
    for (const { conversation, id } of left) await this.ipc.deleteMessage(conversation, id);
    await this.#note();
  }

  /** Stops the countdown while the user is at the bar that offers to undo, and restarts it afterwards. */
  hold(on: boolean) {
    if (on) clearTimeout(this.#timer);
    else if (this.count > 0) this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.settle(), UNDO_MS);
  }

  async #note() {
    await store(this.ipc, SETTINGS.deletions, this.#waiting);
  }
}
