import { createContext } from 'svelte';
import { Failure } from '../ipc';
import { isPageFocused } from '../lib/page-focus';
import { newestThatFill, type Area } from '../lib/rows';
import type {
  AccountId,
  AccountInfo,
  Bootstrap,
  ConversationId,
  ConversationSummary,
  Ipc,
  NavigationTarget,
  MessageId,
  SyncStatus,
  TimelineItem,
  UserId,
} from '../ipc';
import { text } from '../lib/text';
import { sectionsOf } from '../lib/sections';
import { SETTINGS, valueOf } from '../lib/settings';
import { Administration } from './administration.svelte';
import { Changes } from './changes.svelte';
import { Choices } from './choices.svelte';
import { ContextMenu } from './context-menu.svelte';
import { Conversations } from './conversations.svelte';
import { Deletions } from './deletions.svelte';
import { Edits } from './edits.svelte';
import { Clock } from './clock.svelte';
import { EmojiChoices } from './emoji.svelte';
import { Exports } from './exports.svelte';
import { Files } from './files.svelte';
import { navigate } from './navigate';
import { Inbox } from './inbox.svelte';
import { Links } from './links';
import { Pictures } from './pictures.svelte';
import { Presence } from './presence.svelte';
import type { Confirmation } from './confirmation';
import { Removal } from './removal';
import { sentenceOf } from './sentence';
import { Selection } from './selection.svelte';
import { Timeline } from './timeline.svelte';
import { Typing } from './typing.svelte';
import { picturesIn, viewerStateAt, type ViewerState } from './viewer';

export type Panel = 'search' | 'members' | 'outbox' | 'pinned' | 'saved' | 'files';
export type Dialog =
  | 'jump'
  | 'message'
  | 'group'
  | 'forward'
  | 'day'
  | 'confirmation'
  | 'export'
  | 'settings'
  | 'levels'
  | 'status'
  | 'shortcuts'
  | 'signIn'
  | 'addAccount'
  | 'closing'
  | 'password';

/** The state of the window. Created once; passed down as context. */
export class AppState {
  /** The id of the account. */
  id: AccountId | null = null;
  account = $state.raw<AccountInfo | null>(null);
  status = $state.raw<SyncStatus | null>(null);
  timeline = $state.raw<Timeline | null>(null);
  panel = $state<Panel | null>(null);
  dialog = $state<Dialog | null>(null);
  /** Whether the search panel searches only in the open conversation. */
  searchHere = $state(true);
  /** The query with which the search panel starts. */
  searchFor = $state('');
  /** The user's message that is being edited. */
  editing = $state.raw<TimelineItem | null>(null);
  /** The message that was just chosen to reply to, until the composer reads it. */
  replying = $state.raw<TimelineItem | null>(null);
  readonly list: Conversations;
  readonly choices: Choices;
  readonly typing = new Typing();
  readonly selection = new Selection();
  readonly emoji: EmojiChoices;
  readonly edits: Edits;
  readonly pictures: Pictures;
  readonly presence: Presence;
  readonly deletions: Deletions;
  readonly removal = new Removal(this);
  readonly links: Links;
  readonly files: Files;
  /** The pictures that are shown above everything else. */
  viewing = $state.raw<ViewerState | null>(null);
  /** Whether the user is an administrator of the server. */
  administers = $state(false);
  readonly administration: Administration;
  /** The content of the dialog `confirmation`. */
  confirmation = $state.raw<Confirmation | null>(null);
  /** The current time, for everything that shows times. */
  readonly clock = new Clock();
  /** The messages that are about to be forwarded. */
  forwarding = $state.raw<TimelineItem[]>([]);
  /** A new object for each sentence, so that a repeated sentence is shown and read out again. */
  #toast = $state.raw<{ sentence: string } | null>(null);
  /** The person whose card is shown, and the element beside which it is shown. */
  card = $state.raw<{ id: UserId; anchor: HTMLElement } | null>(null);
  /** Whether the user registered since the window was opened, and is shown the first steps. */
  isNewcomer = $state(false);
  /** On a narrow window: whether the list covers the timeline. */
  listShown = $state(false);
  /** The link with which the dialog `addAccount` starts. */
  addedLink = $state('');
  readonly changes = new Changes(this);
  readonly exports = new Exports(this);
  readonly inbox: Inbox;
  readonly menu = new ContextMenu(this);

  constructor(readonly ipc: Ipc) {
    this.list = new Conversations(ipc);
    this.choices = new Choices(ipc);
    this.emoji = new EmojiChoices(ipc);
    this.edits = new Edits(ipc);
    this.pictures = new Pictures(ipc, () => this.id);
    this.presence = new Presence(ipc, this.clock);
    this.links = new Links(
      ipc,
      (work) => this.attempt(work),
      (confirmation) => this.confirm(confirmation),
    );
    this.files = new Files(ipc, {
      account: () => this.id,
      attempt: (work) => this.attempt(work),
      confirm: (confirmation) => this.confirm(confirmation),
      notify: (sentence) => (this.toast = sentence),
    });
    this.administration = new Administration(ipc, {
      confirm: (confirmation) => this.confirm(confirmation),
      notify: (sentence) => (this.toast = sentence),
      ended: (error) => void this.attempt(() => Promise.reject(error)),
    });
    this.deletions = new Deletions(
      ipc,
      (work) => this.attempt(work),
      () => this.timeline?.refresh(),
    );
    this.inbox = new Inbox(this);
  }

  /** A sentence that is shown for a moment: a failure, or that something was copied. */
  get toast(): string | null {
    return this.#toast?.sentence ?? null;
  }

  set toast(sentence: string | null) {
    this.#toast = sentence === null ? null : { sentence };
  }

  /** An object that changes with each toast. */
  get toastId(): object | null {
    return this.#toast;
  }

  /** All conversations, newest first. */
  get conversations(): ConversationSummary[] {
    return this.list.rows;
  }

  set conversations(rows: ConversationSummary[]) {
    this.list.rows = rows;
  }

  /** The open conversation. */
  get current(): ConversationSummary | null {
    const id = this.timeline?.conversationId;
    return this.conversations.find((conversation) => conversation.id === id) ?? null;
  }

  /**
   * Shows the bootstrap of the account at the start or after a sign-in. Only as many messages as fill `area` are
   * shown, since each further one would delay all of them.
   */
  show(bootstrap: Bootstrap, area: Area = { height: Infinity, width: Infinity }) {
    this.id = bootstrap.id;
    this.account = bootstrap.account;
    this.administers = bootstrap.administers;
    this.status = bootstrap.status;
    this.conversations = bootstrap.conversations;
    this.choices.now.theme = valueOf(SETTINGS.theme, bootstrap.theme);
    if (!bootstrap.open || !bootstrap.timeline) return;
    this.timeline = this.#timelineOf(bootstrap.open);
    const { unreadFrom } = this.timeline;
    const page = bootstrap.timeline;
    const first = page.items[0]?.seq ?? 0;
    const items = unreadFrom === null ? newestThatFill(page.items, area) : page.items;
    const atOldest = page.atOldest && items.length === page.items.length;
    this.timeline.show({ ...page, items, atOldest });
    if (unreadFrom !== null && unreadFrom < first) void this.timeline.open(Number.MAX_SAFE_INTEGER);
  }

  /** Shows the first steps to a user who just registered, and stores the name that they gave. */
  async welcome(name: string) {
    this.isNewcomer = true;
    if (name !== '' && name !== this.account?.username)
      await this.attempt(() => this.ipc.setProfile({ displayName: name }));
  }

  loadAllConversations = () => this.list.loadAll();

  /** Opens a conversation, at a message if one is given. */
  async open(id: ConversationId, seq?: number) {
    this.listShown = false;
    this.administration.close();
    this.inbox.close();
    await this.openWithin(id, seq);
  }

  /** Same as `open`, without leaving the view in which the conversation is shown. */
  async openWithin(id: ConversationId, seq?: number) {
    this.selection.clear();
    void this.ipc.watch(id);
    void this.inbox.activity.seen(id);
    if (this.timeline?.conversationId === id) {
      if (seq !== undefined) await this.timeline.jumpTo(seq);
      return;
    }
    // The text of an edit is stored, and offered again in its conversation.
    this.editing = null;
    void this.attempt(() => this.edits.load(id));
    const timeline = this.#timelineOf(id);
    this.timeline = timeline;
    if (!this.current) await this.loadAllConversations();
    // Read before the conversation opens, so that a mark that the user sets meanwhile stays.
    const wasMarkedUnread = (this.current?.markedUnread ?? false) && isPageFocused();
    if (seq === undefined) await timeline.open(this.current?.unread ?? 0);
    else await timeline.jumpTo(seq);
    if (wasMarkedUnread && this.timeline === timeline && this.current?.markedUnread)
      await (this.current.unread === 0
        ? this.markRead(true)
        : this.ipc.act(id, { type: 'markUnread', on: false }));
  }

  /** Asks for confirmation. */
  confirm(confirmation: Confirmation) {
    this.confirmation = confirmation;
    this.dialog = 'confirmation';
  }

  /** Handles a confirmation: runs its action once. */
  runConfirmed(chosen = false) {
    const { confirmation } = this;
    this.confirmation = this.dialog = null;
    confirmation?.act(chosen);
  }

  /** Shows the card of a person beside an element. */
  showCard(id: UserId, anchor: HTMLElement) {
    this.card = { id, anchor };
  }

  /** Shows a picture of a message of the open conversation, above everything else. */
  view(messageId: MessageId, index: number) {
    const { timeline } = this;
    if (!timeline) return;
    const pictures = picturesIn(timeline.conversationId, timeline.items);
    this.viewing = viewerStateAt(pictures, messageId, index);
  }

  /** Opens the dialog that asks where to forward these messages. */
  forward(items: TimelineItem[]) {
    this.forwarding = items;
    this.dialog = 'forward';
  }

  /** Handles a notification that a user is typing. */
  receiveTyping(conversation: ConversationId, user: UserId) {
    if (user !== this.account?.userId) this.typing.receive(conversation, user);
  }

  /** Opens a message by its id, in whichever conversation it is. */
  async openMessage(id: MessageId) {
    const found = await this.ipc.findMessage(id);
    if (found) await this.open(found.conversationId, found.seq);
    else this.toast = text.messageNotHere;
  }

  /** Opens what was chosen outside of the page, such as a link or a notification, or shows why that is not possible. */
  navigate = (target: NavigationTarget) => this.attempt(() => navigate(this, target));

  /** Opens the dialog that adds an account, with a link if there is one. */
  addAccount(link = '') {
    this.addedLink = link;
    this.dialog = 'addAccount';
  }

  /** Opens the next (1) or previous (-1) conversation of the list, or unread conversation. */
  async step(direction: 1 | -1, unread = false) {
    const list = this.sections.flatMap((section) => section.conversations);
    const start = list.findIndex(
      (conversation) => conversation.id === this.timeline?.conversationId,
    );
    for (let i = start + direction; i >= 0 && i < list.length; i += direction) {
      if (!unread || list[i]!.unread > 0) return this.open(list[i]!.id);
    }
  }

  /** Whether the server can be reached. */
  get isOnline(): boolean {
    const connection = this.status?.connection;
    return connection === 'online' || connection === 'polling';
  }

  /** The sections of the list as they are displayed. */
  get sections() {
    return sectionsOf(this.conversations);
  }

  /**
   * Marks the open conversation as read if the user is looking at it. With `always`, does so even if
   * the conversation was marked as unread.
   */
  async markRead(always = false) {
    const { current } = this;
    if (!current || (!always && (current.markedUnread || !isPageFocused()))) return;
    if (current.unread > 0 || current.markedUnread)
      await this.ipc.markRead(current.id, current.lastSeq);
  }

  /** Marks the open conversation as unread from a message on. */
  async markUnread(seq: number) {
    const { timeline } = this;
    if (!timeline) return;
    await this.ipc.act(timeline.conversationId, { type: 'markUnread', on: true, from: seq });
    timeline.unreadFrom = seq;
  }

  toggle(panel: Panel) {
    this.panel = this.panel === panel ? null : panel;
  }

  /** Shows a panel next to the conversations. */
  showPanel(panel: Panel) {
    this.administration.close();
    this.panel = panel;
  }

  search(here: boolean) {
    this.searchHere = here && this.timeline !== null;
    this.showPanel('search');
  }

  /** Reads the names of the user and of the server. */
  async readAccount() {
    this.account = (await this.ipc.accountInfo()) ?? this.account;
  }

  /** Reads whether the user is an administrator of the server. If not, closes the administration. */
  async readRole() {
    this.administers = await this.ipc.administers();
    if (!this.administers) this.administration.close();
    else await this.administration.refresh();
  }

  /** Locks the accounts that have a passphrase, and resets the window. */
  async lock(quietly = false) {
    await this.attempt(() => this.edits.storeAll());
    const locked = await this.attempt(() => this.ipc.lock());
    if (locked) await this.reset();
    else if (locked === 0 && !quietly) this.toast = text.noPassphrase;
  }

  /** Reloads the window, without anything that it showed. */
  async reset() {
    await this.ipc.reloadPage().catch((error: unknown) => {
      this.toast = sentenceOf(error);
    });
  }

  /** Runs an action of the user, and shows its failure. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // The account was closed while the window showed it.
      if (error instanceof Failure && (error.code === 'revoked' || error.code === 'locked')) {
        await this.reset();
      }
      this.toast = sentenceOf(error);
      return undefined;
    }
  }

  #timelineOf(id: ConversationId) {
    const summary = this.conversations.find((conversation) => conversation.id === id);
    const unreadFrom = summary && summary.unread > 0 ? summary.lastReadSeq + 1 : null;
    return new Timeline(id, this.ipc, unreadFrom);
  }
}

export const [getApp, setApp] = createContext<AppState>();
