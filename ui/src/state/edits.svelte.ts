import type { ConversationId, MessageId } from '../ipc';
import { draftDelay } from '../lib/compose';
import { withEdit, type EditDraft } from '../lib/edit-drafts';
import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/**
 * What is written into messages that are being edited. It is kept on this device, as a draft is, until the
 * edit is saved or discarded, whatever becomes of the composer or the program.
 */
export class Edits {
  #drafts = $state.raw<Record<ConversationId, EditDraft[]>>({});
  #loading: Record<ConversationId, Promise<void>> = {};
  #timers: Record<ConversationId, ReturnType<typeof setTimeout>> = {};

  constructor(private ipc: SettingsIpc) {}

  /** Reads those of a conversation, once. */
  async load(conversation: ConversationId) {
    this.#loading[conversation] ??= this.#read(conversation);
    try {
      await this.#loading[conversation];
    } catch (error) {
      // It is asked for again.
      delete this.#loading[conversation];
      throw error;
    }
  }

  async #read(conversation: ConversationId) {
    const noted = await stored(this.ipc, SETTINGS.edits, conversation);
    // What was written since they were asked for is newer.
    const here = this.of(conversation);
    const others = noted.filter(({ id }) => !here.some((draft) => draft.id === id));
    if (others.length > 0) this.#set(conversation, [...others, ...here]);
  }

  /** Those of a conversation, the newest last. */
  of(conversation: ConversationId): EditDraft[] {
    return this.#drafts[conversation] ?? [];
  }

  /** What is written into a message, if that differs from it. */
  find(conversation: ConversationId, id: MessageId): string | undefined {
    return this.of(conversation).find((draft) => draft.id === id)?.body;
  }

  /** Notes what is written into a message, on the disk soon. */
  write(conversation: ConversationId, message: { id: MessageId; body: string }, body: string) {
    this.#set(
      conversation,
      withEdit(this.of(conversation), { id: message.id, body }, message.body),
    );
    clearTimeout(this.#timers[conversation]);
    const keep = () => void this.keep(conversation).catch(() => undefined);
    this.#timers[conversation] = setTimeout(keep, draftDelay(body));
  }

  /** Lets go of an edit that was saved or discarded. */
  async drop(conversation: ConversationId, id: MessageId) {
    await this.load(conversation);
    if (this.find(conversation, id) === undefined) return;
    this.#set(
      conversation,
      this.of(conversation).filter((draft) => draft.id !== id),
    );
    await this.#write(conversation);
  }

  /** Has it on the disk when it returns, if anything was written since. */
  async keep(conversation: ConversationId) {
    if (conversation in this.#timers) await this.#write(conversation);
  }

  /** The same of every conversation. */
  async keepAll() {
    for (const conversation of Object.keys(this.#timers)) await this.keep(conversation);
  }

  async #write(conversation: ConversationId) {
    clearTimeout(this.#timers[conversation]);
    delete this.#timers[conversation];
    await this.load(conversation);
    await store(this.ipc, SETTINGS.edits, this.of(conversation), conversation);
  }

  #set(conversation: ConversationId, drafts: EditDraft[]) {
    this.#drafts = { ...this.#drafts, [conversation]: drafts };
  }
}
