import type { ConversationId, MessageId } from '../ipc';
import { draftDelay } from '../lib/compose';
import { withEdit, type EditDraft } from '../lib/edit-drafts';
import { SETTINGS } from '../lib/settings';
import { store, stored, type SettingsIpc } from './stored';

/**
 * The texts of messages that are being edited. Like drafts, they are stored on this device until the edit is saved or
 * discarded, whatever happens to the composer or the program.
 */
export class Edits {
  #drafts = $state.raw<Record<ConversationId, EditDraft[]>>({});
  #loading: Record<ConversationId, Promise<void>> = {};
  #timers: Record<ConversationId, ReturnType<typeof setTimeout>> = {};

  constructor(private ipc: SettingsIpc) {}

  /** Loads the edits of a conversation, once. */
  async load(conversation: ConversationId) {
    this.#loading[conversation] ??= this.#read(conversation);
    try {
      await this.#loading[conversation];
    } catch (error) {
      // The next call tries again.
      delete this.#loading[conversation];
      throw error;
    }
  }

  async #read(conversation: ConversationId) {
    const noted = await stored(this.ipc, SETTINGS.edits, conversation);
    // Edits written since the request are newer.
    const here = this.of(conversation);
    const others = noted.filter(({ id }) => !here.some((draft) => draft.id === id));
    if (others.length > 0) this.#set(conversation, [...others, ...here]);
  }

  /** Returns the edits of a conversation, the newest last. */
  of(conversation: ConversationId): EditDraft[] {
    return this.#drafts[conversation] ?? [];
  }

  /** Returns the edited text of a message, if it differs from the message. */
  find(conversation: ConversationId, id: MessageId): string | undefined {
    return this.of(conversation).find((draft) => draft.id === id)?.body;
  }

  /** Notes the edited text of a message, and writes it to disk soon after. */
  write(conversation: ConversationId, message: { id: MessageId; body: string }, body: string) {
    this.#set(
      conversation,
      withEdit(this.of(conversation), { id: message.id, body }, message.body),
    );
    clearTimeout(this.#timers[conversation]);
    const keep = () => void this.keep(conversation).catch(() => undefined);
    this.#timers[conversation] = setTimeout(keep, draftDelay(body));
  }

  /** Removes an edit that was saved or discarded. */
  async drop(conversation: ConversationId, id: MessageId) {
    await this.load(conversation);
    if (this.find(conversation, id) === undefined) return;
    this.#set(
      conversation,
      this.of(conversation).filter((draft) => draft.id !== id),
    );
    await this.#write(conversation);
  }

  /** Writes the edits of a conversation to disk if they have changed. They are there when it resolves. */
  async keep(conversation: ConversationId) {
    if (conversation in this.#timers) await this.#write(conversation);
  }

  /** Writes the changed edits of all conversations to disk. */
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
