import type { ConversationId, Draft, Ipc } from '../ipc';
import { draftDelay, draftKey } from '../lib/compose';

/** A draft is told to one's other devices this long after it was kept here. */
const SHARE_MS = 3000;
/** Earlier drafts that are known again. */
const REMEMBERED = 50;

export const EMPTY: Draft = { body: '', replyTo: null };

/** The draft of a conversation, as it is on the disk, and a while later on one's other devices. */
export class KeptDraft {
  #kept: Draft;
  /** What was kept here before: seen again, it is no news of another device. */
  #earlier: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sharing: ReturnType<typeof setTimeout> | undefined;

  /** `written` is what is being written now. */
  constructor(
    private ipc: Pick<Ipc, 'setDraft' | 'shareDraft'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private conversation: ConversationId,
    kept: Draft | null,
    private written: () => Draft,
  ) {
    this.#kept = kept ?? EMPTY;
  }

  /** Whether this is what is kept. */
  is({ body, replyTo }: Draft): boolean {
    return body === this.#kept.body && replyTo === this.#kept.replyTo;
  }

  /** Takes what another device wrote, and tells whether it is that: not what was kept here before. */
  takes(draft: Draft): boolean {
    if (this.is(draft) || this.#earlier.includes(draftKey(draft))) return false;
    this.#kept = draft;
    return true;
  }

  /** Has it on the disk soon after the last key. */
  keepSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), draftDelay(this.written().body));
  }

  /** Has it on the disk when it returns. */
  async keep() {
    clearTimeout(this.#timer);
    const now = this.written();
    if (this.is(now)) return;
    this.#note(now);
    await this.attempt(() => this.ipc.setDraft(this.conversation, now));
    clearTimeout(this.#sharing);
    this.#sharing = setTimeout(() => this.share(), SHARE_MS);
  }

  /** Lets one's other devices have it. */
  share() {
    clearTimeout(this.#sharing);
    void this.attempt(() => this.ipc.shareDraft(this.conversation));
  }

  /** Waits: what is being written is just being sent. */
  hold() {
    clearTimeout(this.#timer);
  }

  /** It was sent, and there is none any more. */
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
