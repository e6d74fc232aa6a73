import type { ConversationId, Draft, Ipc } from '../ipc';
import { draftDelay, draftKey } from '../lib/compose';

/** Time after a draft was saved here until the user's other devices are sent it, in milliseconds. */
const SHARE_MS = 3000;
/** Number of earlier drafts that are recognized. */
const REMEMBERED = 50;

export const EMPTY: Draft = { body: '', replyTo: null };

/** The draft of a conversation, which is saved to disk and a while later sent to the user's other devices. */
export class KeptDraft {
  #kept: Draft;
  /** Keys of drafts that were saved here before. Such a draft is not news from another device. */
  #earlier: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sharing: ReturnType<typeof setTimeout> | undefined;

  /** `kept` is the saved draft, `written` returns the one that is being written. */
  constructor(
    private ipc: Pick<Ipc, 'setDraft' | 'shareDraft'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private conversation: ConversationId,
    kept: Draft | null,
    private written: () => Draft,
  ) {
    this.#kept = kept ?? EMPTY;
  }

  /** Whether a draft equals the saved one. */
  is({ body, replyTo }: Draft): boolean {
    return body === this.#kept.body && replyTo === this.#kept.replyTo;
  }

  /**
   * Accepts a draft from another device, unless it equals the saved one or one that was saved here before. Returns
   * whether it was accepted.
   */
  takes(draft: Draft): boolean {
    if (this.is(draft) || this.#earlier.includes(draftKey(draft))) return false;
    this.#kept = draft;
    return true;
  }

  /** Saves the draft soon after the last key. */
  keepSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), draftDelay(this.written().body));
  }

  /** Saves the draft. It is on disk when the promise resolves. */
  async keep() {
    clearTimeout(this.#timer);
    const now = this.written();
    if (this.is(now)) return;
    this.#note(now);
    await this.attempt(() => this.ipc.setDraft(this.conversation, now));
    clearTimeout(this.#sharing);
    this.#sharing = setTimeout(() => this.share(), SHARE_MS);
  }

  /** Sends the saved draft to the user's other devices. */
  share() {
    clearTimeout(this.#sharing);
    void this.attempt(() => this.ipc.shareDraft(this.conversation));
  }

  /** Postpones saving, because the text is being sent. */
  hold() {
    clearTimeout(this.#timer);
  }

  /** Forgets the draft, because it was sent. */
  sent() {
    clearTimeout(this.#sharing);
    this.#note(EMPTY);
  }

  #note(now: Draft) {
    const [old, key] = [draftKey(this.#kept), draftKey(now)];
    this.#earlier = [...this.#earlier.slice(-REMEMBERED), old].filter((other) => other !== key);
    this.#kept = now;
  }
}
