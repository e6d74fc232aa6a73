import type { MessageId } from '../ipc';

/** The selection of messages. */
export class Selection {
  /** The ids of the selected messages, null without a selection. */
  ids = $state.raw<MessageId[] | null>(null);

  has = (id: MessageId) => this.ids?.includes(id) ?? false;

  /** Selects a message, or deselects it. */
  toggle(id: MessageId) {
    if (this.has(id)) this.remove([id]);
    else this.ids = [...(this.ids ?? []), id];
  }

  /** Deselects these messages. */
  remove(ids: MessageId[]) {
    const remaining = (this.ids ?? []).filter((id) => !ids.includes(id));
    this.ids = remaining.length > 0 ? remaining : null;
  }

  clear() {
    this.ids = null;
  }
}
