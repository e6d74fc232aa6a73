import type { Changed, ConversationSummary } from '../ipc';
import { isLookedAt } from '../lib/looked-at';
import { typedIsPainted } from '../lib/painted';
import type { AppState } from './app.svelte';

/** The choices that another device can make. */
const SYNCED = [
  ...(['sendsOnEnter', 'isCompact'] as const),
  ...(['tellsTyping', 'tellsReading', 'tellsPresence', 'tellsLastSeen'] as const),
];

/** Shows changes of an account's files and of its connection. */
export class Changes {
  /** Counts changes of the outbox, for the components that show it. */
  outbox = $state(0);
  /** Counts changes of people, for the components that show one. */
  people = $state(0);
  /** Counts requests for the status: only the answer to the newest one is shown. */
  #statusAsked = 0;

  constructor(private app: AppState) {}

  /** Reads everything that may have changed between the bootstrap and the first event. */
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
        statuses: true,
        pictures: true,
        choices: true,
        outbox: true,
      }),
    ]);
  }

  /** Reads the status of the client's connection and sync. */
  async status() {
    const asked = ++this.#statusAsked;
    const status = await this.app.ipc.syncStatus();
    if (asked === this.#statusAsked) this.app.status = status;
  }

  /** Reads again everything that changed. */
  async show(changed: Changed) {
    const { app } = this;
    if (changed.outbox) this.outbox++;
    if (changed.everything) app.pictures.readAll();
    else if (changed.pictures) {
      app.pictures.readComing();
      // The server's may have arrived.
      await app.readAccount();
    }
    if (changed.everything || changed.statuses) app.presence.read();
    if (changed.choices) await app.choices.load(...SYNCED);
    if (changed.everything || changed.choices || changed.conversations.length > 0)
      void app.inbox.changed();
    if (changed.everything) {
      this.people++;
      await Promise.all([
        app.loadAllConversations(),
        app.timeline?.refresh(),
        app.readAccount(),
        app.readRole(),
      ]);
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
    if (isOpen && app.inbox.view !== 'unread' && isLookedAt())
      void app.inbox.activity.seen(open.conversationId);
    const reading = isOpen ? open.refresh() : undefined;
    const rows = await app.ipc.conversationsById(changed.conversations);
    await typedIsPainted();
    // A message of a user who was typing has arrived.
    app.typing.said(changed.conversations);
    app.list.put(changed.conversations, rows);
    await reading;
    this.#openFirst(rows);
  }

  /**
   * Opens the first conversation that arrives if none is open, unless a page covers the conversations. Not awaited,
   * because opening reads conversations itself.
   */
  #openFirst(rows: ConversationSummary[]) {
    const isCovered = this.app.administration.page !== null || this.app.inbox.view !== null;
    if (!this.app.timeline && !isCovered && rows[0]) void this.app.open(rows[0].id);
  }
}
