import type { MessageId } from '../ipc';

/** Messages that are chosen, while some are being chosen. */
export class Selection {
  /** Which; null while none is. */
  ids = $state.raw<MessageId[] | null>(null);

  has = (id: MessageId) => this.ids?.includes(id) ?? false;

  /** Chooses a message, or chooses it no more. */
  toggle(id: MessageId) {
    if (this.has(id)) this.leave([id]);
    else this.ids = [...(this.ids ?? []), id];
  }

  /** Chooses these no more. */
  leave(ids: MessageId[]) {
    const left = (this.ids ?? []).filter((id) => !ids.includes(id));
    this.ids = left.length > 0 ? left : null;
  }

  end() {
    this.ids = null;
  }
}
