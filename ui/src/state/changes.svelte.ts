import type { Changed, ConversationSummary } from '../ipc';
import { typedIsPainted } from '../lib/painted';
import type { AppState } from './app.svelte';

/** Brings what changed in an account's files, or with its connection, to the screen. */
export class Changes {
  /** Counts changes of the outbox, for those who show it. */
  outbox = $state(0);
  /** Counts the questions for the status: only the newest one's answer is shown. */
  #statusAsked = 0;

  constructor(private app: AppState) {}

  /** Reads what may have changed between the reading of what is shown and the first event heard. */
  async catchUp() {
    const { app } = this;
    await Promise.all([
      this.status(),
      app.choices.load('lockAfter'),
      app.deletions.resume(),
      app.timeline && app.edits.load(app.timeline.conversationId),
      this.show({
        account: app.id,
        conversations: [],
        everything: true,
        choices: true,
        outbox: true,
      }),
    ]);
  }

  /** Reads how the client stands to the server. */
  async status() {
    const asked = ++this.#statusAsked;
    const status = await this.app.ipc.syncStatus();
    if (asked === this.#statusAsked) this.app.status = status;
  }

  /** Reads again what changed. */
  async show(changed: Changed) {
    const { app } = this;
    if (changed.outbox) this.outbox++;
    if (changed.choices)
      await app.choices.load('sendsOnEnter', 'tellsTyping', 'tellsReading', 'isCompact');
    if (changed.everything) {
      await Promise.all([app.loadAllConversations(), app.timeline?.refresh(), app.readRole()]);
      this.#openFirst(app.conversations);
      return;
    }
    await app.list.inOrder(() => this.#read(changed));
  }

  async #read(changed: Changed) {
    const { app } = this;
    const open = app.timeline;
    if (changed.conversations.length === 0) return;
    const isOpen = open && changed.conversations.includes(open.conversationId);
    const reading = isOpen ? open.refresh() : undefined;
    const rows = await app.ipc.conversationsById(changed.conversations);
    await typedIsPainted();
    // Whoever was writing here has said it.
    app.typing.said(changed.conversations);
    app.list.put(changed.conversations, rows);
    await reading;
    this.#openFirst(rows);
  }

  /** Where nothing is open yet, the first that came is; a page that covers the conversations stays. Not waited for: it reads conversations itself. */
  #openFirst(rows: ConversationSummary[]) {
    const { page } = this.app.administration;
    if (!this.app.timeline && page === null && rows[0]) void this.app.open(rows[0].id);
  }
}
