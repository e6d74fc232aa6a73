import type { Changed, ConversationSummary } from '../ipc';
import { isPageFocused } from '../lib/page-focus';
import { inputPainted } from '../lib/painted';
import type { AppState } from './app.svelte';

/** The settings that another device can change. */
const SYNCED_SETTINGS = [
  ...(['sendsOnEnter', 'isCompact'] as const),
  ...(['sharesTyping', 'sendsReadReceipts', 'sharesPresence', 'sharesLastSeen'] as const),
];

/** Shows changes of an account's data and of its connection. */
export class Changes {
  /** Counts changes of the outbox, for the components that show it. */
  outbox = $state(0);
  /** Counts changes of people, for the components that show one. */
  people = $state(0);
  /** Counts requests for the status: only the response to the newest one is shown. */
  #statusRequests = 0;

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
    const request = ++this.#statusRequests;
    const status = await this.app.ipc.syncStatus();
    if (request === this.#statusRequests) this.app.status = status;
  }

  /** Reloads everything that changed. */
  async show(changed: Changed) {
    const { app } = this;
    if (changed.outbox) this.outbox++;
    if (changed.everything) app.pictures.reloadAll();
    else if (changed.pictures) {
      app.pictures.reloadFetching();
      // The server's picture may have arrived.
      await app.readAccount();
    }
    if (changed.everything || changed.statuses) app.presence.refresh();
    if (changed.choices) await app.choices.load(...SYNCED_SETTINGS);
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
    await app.list.enqueue(() => this.#read(changed));
  }

  async #read(changed: Changed) {
    const { app } = this;
    const open = app.timeline;
    if (changed.conversations.length === 0) return;
    const isOpen = open && changed.conversations.includes(open.conversationId);
    if (isOpen && app.inbox.view !== 'unread' && isPageFocused())
      void app.inbox.activity.seen(open.conversationId);
    const refreshing = isOpen ? open.refresh() : undefined;
    const rows = await app.ipc.conversationsById(changed.conversations);
    await inputPainted();
    // A message of a user who was typing has arrived.
    app.typing.stop(changed.conversations);
    app.list.put(changed.conversations, rows);
    await refreshing;
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
