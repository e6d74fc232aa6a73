import type { ConversationId, Draft, Ipc } from '../ipc';
import { draftDelay, draftKey } from '../lib/compose';

/** Time between saving a draft and sending it to the user's other devices, in milliseconds. */
const SHARE_MS = 3000;
/** Number of earlier drafts that are recognized. */
const MAX_EARLIER = 50;

export const EMPTY_DRAFT: Draft = { body: '', replyTo: null };

/** The draft of a conversation, which is saved to disk, and later sent to the user's other devices. */
export class SavedDraft {
  #saved: Draft;
  /** Keys of drafts that were saved here before. Such a draft is not a newer one from another device. */
  #earlier: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sharing: ReturnType<typeof setTimeout> | undefined;

  /** `saved` is the saved draft, `getDraft` returns the one in the composer. */
  constructor(
    private ipc: Pick<Ipc, 'setDraft' | 'shareDraft'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private conversation: ConversationId,
    saved: Draft | null,
    private getDraft: () => Draft,
  ) {
    this.#saved = saved ?? EMPTY_DRAFT;
  }

  /** Whether a draft equals the saved one. */
  isSaved({ body, replyTo }: Draft): boolean {
    return body === this.#saved.body && replyTo === this.#saved.replyTo;
  }

  /**
   * Accepts a draft from another device, unless it equals the saved one or one that was saved here before. Returns
   * whether it was accepted.
   */
  accept(draft: Draft): boolean {
    if (this.isSaved(draft) || this.#earlier.includes(draftKey(draft))) return false;
    this.#saved = draft;
    return true;
  }

  /** Saves the draft soon after the last key. */
  saveLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), draftDelay(this.getDraft().body));
  }

  /** Saves the draft. It is on disk when the promise resolves. */
  async save() {
    clearTimeout(this.#timer);
    const now = this.getDraft();
    if (this.isSaved(now)) return;
    this.#remember(now);
    await this.attempt(() => this.ipc.setDraft(this.conversation, now));
    clearTimeout(this.#sharing);
    this.#sharing = setTimeout(() => this.share(), SHARE_MS);
  }

  /** Sends the saved draft to the user's other devices. */
  share() {
    clearTimeout(this.#sharing);
    void this.attempt(() => this.ipc.shareDraft(this.conversation));
  }

  /** Cancels the scheduled save, because the text is being sent. */
  cancelSave() {
    clearTimeout(this.#timer);
  }

  /** Clears the draft, because it was sent. */
  clear() {
    clearTimeout(this.#sharing);
    this.#remember(EMPTY_DRAFT);
  }

  #remember(now: Draft) {
    const [old, key] = [draftKey(this.#saved), draftKey(now)];
    this.#earlier = [...this.#earlier.slice(-MAX_EARLIER), old].filter((other) => other !== key);
    this.#saved = now;
  }
}
