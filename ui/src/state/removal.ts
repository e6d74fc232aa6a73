import type { ConversationId, MessageId, TimelineItem } from '../ipc';
import { needsConfirmation } from '../lib/deleting';
import { filesSummary } from '../lib/files';
import type { AppState } from './app.svelte';
import { deleteConfirmation, discardEditConfirmation, discardConfirmation } from './confirmation';

/** Deletes messages, and discards edits and unsent actions. Asks first if that cannot be undone. */
export class Removal {
  constructor(private app: AppState) {}

  /** Ends the edit. Asks first if the text was changed. */
  endEditing() {
    const { editing, timeline, edits } = this.app;
    const edit = editing && timeline && edits.find(timeline.conversationId, editing.id);
    if (!editing || !timeline || typeof edit !== 'string') this.app.editing = null;
    else this.discardEdit(timeline.conversationId, editing.id, () => (this.app.editing = null));
  }

  /** Discards the text of an edit if the user confirms. */
  discardEdit(conversation: ConversationId, id: MessageId, then = () => {}) {
    const { app } = this;
    app.confirm(
      discardEditConfirmation(() => {
        then();
        void app.attempt(() => app.edits.remove(conversation, id));
      }),
    );
  }

  /** Discards an unsent message or action if the user confirms, because it cannot be restored. */
  discard(id: string, isMessage: boolean, body?: string | null) {
    const { app } = this;
    const act = () => void app.attempt(() => app.ipc.discard(id));
    app.confirm(discardConfirmation(isMessage, body ?? '', act));
  }

  /** Deletes messages of the open conversation. Asks first if there are several or another person wrote one. */
  delete(items: TimelineItem[]) {
    const [first] = items;
    if (!first) return;
    // Files that were never sent exist nowhere else, so this cannot be undone.
    if (items.length === 1 && first.seq === null && first.files.length > 0)
      return this.discard(first.id, true, first.body || filesSummary(first.files));
    if (!needsConfirmation(items)) return this.#deleteNow(items);
    this.app.confirm(deleteConfirmation(items, () => this.#deleteNow(items)));
  }

  #deleteNow(items: TimelineItem[]) {
    const { app } = this;
    const ids = items.map((item) => item.id);
    app.selection.remove(ids);
    if (app.editing && ids.includes(app.editing.id)) app.editing = null;
    if (app.timeline) void app.deletions.delete(app.timeline.conversationId, items);
  }
}
