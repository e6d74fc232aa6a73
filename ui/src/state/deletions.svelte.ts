import type { ConversationId, Draft, Ipc, TimelineItem } from '../ipc';
import type { Waiting } from '../lib/deleting';
import { SETTINGS } from '../lib/settings';
import { uuid7 } from '../lib/uuid7';
import { store, stored, type SettingsIpc } from './stored';

/** So long, after the last one, a deletion can be taken back. */
export const UNDO_MS = 6000;

type Needs = Pick<Ipc, 'deleteMessage' | 'sendMessage'> & SettingsIpc;
type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Deletions that can still be taken back. Nobody hears of them until then, wherever the user goes in the
 * window; here the messages are shown as deleted. What waits is noted on the disk: a program that ends
 * meanwhile, or locks, deletes them when the account is opened again.
 *
 * What never reached the server is taken out of the outbox at once, or it would be sent while it waits;
 * taking that back says it again.
 */
export class Deletions {
  #waiting = $state.raw<Waiting[]>([]);
  /** What is just being deleted, and cannot be taken back any more. */
  #going = $state.raw<Waiting[]>([]);
  #unsent = $state.raw<{ conversation: ConversationId; saying: Draft }[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `shown` reads again what the window shows. */
  constructor(
    private ipc: Needs,
    private attempt: Attempt,
    private shown: () => Promise<unknown> | undefined,
  ) {}

  /** How many can be taken back. */
  readonly count = $derived(this.#waiting.length + this.#unsent.length);
  #ids = $derived([...this.#waiting, ...this.#going].map(({ id }) => id));

  /** Whether a message is to be shown as deleted. */
  has = (id: string) => this.#ids.includes(id);

  /** The same of the message at a place. */
  hasAt = (conversation: ConversationId, seq: number) =>
    [...this.#waiting, ...this.#going].some(
      (one) => one.conversation === conversation && one.seq === seq,
    );

  /** Deletes messages of a conversation, unless that is taken back. */
  async delete(conversation: ConversationId, items: TimelineItem[]) {
    const there = items.filter((item) => item.seq !== null && !this.has(item.id));
    this.#waiting = [
      ...this.#waiting,
      ...there.map(({ id, seq }) => ({ conversation, id, seq: seq! })),
    ];
    this.#wait();
    await this.attempt(async () => {
      await this.#note();
      for (const { id, seq, body, replyTo } of items) {
        if (seq !== null) continue;
        await this.ipc.deleteMessage(conversation, id);
        const saying = { body, replyTo: replyTo?.id ?? null };
        this.#unsent = [...this.#unsent, { conversation, saying }];
      }
    });
  }

  /** Takes back every one that can be. Answers a message that is there again. */
  async undo(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    const [waiting, unsent] = [this.#waiting, this.#unsent];
    [this.#waiting, this.#unsent] = [[], []];
    await this.attempt(async () => {
      await this.#note();
      for (const { conversation, saying } of unsent)
        await this.ipc.sendMessage(conversation, uuid7(), saying);
    });
    return waiting[0]?.id;
  }

  /** Deletes now what waits. */
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

  /** Deletes what was left to be deleted when the account was shown last. */
  async resume() {
    const left = (await stored(this.ipc, SETTINGS.deletions)).filter(({ id }) => !this.has(id));
    if (left.length === 0) return;
    for (const { conversation, id } of left) await this.ipc.deleteMessage(conversation, id);
    await this.#note();
  }

  /** Whoever is at the bar that offers to take it back has as long as they want. */
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
