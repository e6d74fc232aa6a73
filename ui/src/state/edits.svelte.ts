import type { ConversationId, MessageId } from '../ipc';
import { draftDelay } from '../lib/compose';
import { withEdit, type EditDraft } from '../lib/edit-drafts';
import { SETTINGS } from '../lib/settings';
import { storeSetting, loadSetting, type SettingsIpc } from './setting-store';

/**
 * The texts of messages that are being edited. Like drafts, they are stored on this device until the edit is saved or
 * discarded, even if the composer is closed or the program ends.
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
    const saved = await loadSetting(this.ipc, SETTINGS.edits, conversation);
    // Edits written since the request are newer.
    const local = this.of(conversation);
    const others = saved.filter(({ id }) => !local.some((draft) => draft.id === id));
    if (others.length > 0) this.#set(conversation, [...others, ...local]);
  }

  /** Returns the edits of a conversation, the newest last. */
  of(conversation: ConversationId): EditDraft[] {
    return this.#drafts[conversation] ?? [];
  }

  /** Returns the edited text of a message, if it differs from the message. */
  find(conversation: ConversationId, id: MessageId): string | undefined {
    return this.of(conversation).find((draft) => draft.id === id)?.body;
  }

  /** Updates the edited text of a message, and stores it soon after. */
  update(conversation: ConversationId, message: { id: MessageId; body: string }, body: string) {
    this.#set(
      conversation,
      withEdit(this.of(conversation), { id: message.id, body }, message.body),
    );
    clearTimeout(this.#timers[conversation]);
    const storeNow = () => void this.store(conversation).catch(() => undefined);
    this.#timers[conversation] = setTimeout(storeNow, draftDelay(body));
  }

  /** Removes an edit that was saved or discarded. */
  async remove(conversation: ConversationId, id: MessageId) {
    await this.load(conversation);
    if (this.find(conversation, id) === undefined) return;
    this.#set(
      conversation,
      this.of(conversation).filter((draft) => draft.id !== id),
    );
    await this.#write(conversation);
  }

  /** Stores the edits of a conversation if they have changed. They are on disk when it resolves. */
  async store(conversation: ConversationId) {
    if (conversation in this.#timers) await this.#write(conversation);
  }

  /** Stores the changed edits of all conversations. */
  async storeAll() {
    for (const conversation of Object.keys(this.#timers)) await this.store(conversation);
  }

  async #write(conversation: ConversationId) {
    clearTimeout(this.#timers[conversation]);
    delete this.#timers[conversation];
    await this.load(conversation);
    await storeSetting(this.ipc, SETTINGS.edits, this.of(conversation), conversation);
  }

  #set(conversation: ConversationId, drafts: EditDraft[]) {
    this.#drafts = { ...this.#drafts, [conversation]: drafts };
  }
}
