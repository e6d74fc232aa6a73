import type { MessageId } from '../ipc';

/** The selected messages. */
export class Selection {
  /** Their ids, null while there is no selection. */
  ids = $state.raw<MessageId[] | null>(null);

  has = (id: MessageId) => this.ids?.includes(id) ?? false;

  /** Selects a message, or deselects it. */
  toggle(id: MessageId) {
    if (this.has(id)) this.leave([id]);
    else this.ids = [...(this.ids ?? []), id];
  }

  /** Deselects these messages. */
  leave(ids: MessageId[]) {
    const left = (this.ids ?? []).filter((id) => !ids.includes(id));
    this.ids = left.length > 0 ? left : null;
  }

  end() {
    this.ids = null;
  }
}
