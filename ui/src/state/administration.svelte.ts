import {
  Failure,
  type ConversationId,
  type Ipc,
  type NewLink,
  type PersonInfo,
  type UserRole,
} from '../ipc';
import { distinctById } from '../lib/distinct';
import { RemoteList } from './remote-list.svelte';
import type { Confirmation } from './confirmation';
import { sentenceOf } from './sentence';

export const ADMINISTRATION_PAGES = ['people', 'invitations', 'groups', 'server'] as const;
export type AdministrationPage = (typeof ADMINISTRATION_PAGES)[number];

/** The functions of the window that the administration uses. */
type Host = {
  confirm: (confirmation: Confirmation) => void;
  /** Shows a notice, such as that an action succeeded. */
  notify: (sentence: string) => void;
  /** Handles a failure that ends the session. */
  ended: (error: Failure) => void;
};

/** The properties of a new invitation. */
export type InvitationRequest = {
  role: UserRole;
  uses: number;
  days: number;
  note: string;
  groups: ConversationId[];
};

/** The administration of the server, one page at a time. */
export class Administration {
  /** The page that covers the window, null for none. */
  page = $state<AdministrationPage | null>(null);
  readonly people;
  readonly invitations;
  readonly groups;
  readonly server;
  /** The groups that every newcomer joins. */
  readonly defaults;
  /** Why the newest action failed. */
  failure = $state('');
  /** The link that was just created. It is shown until its page is left, and never again. */
  link = $state.raw<NewLink | null>(null);
  /** The person whose password is about to be reset. */
  resetting = $state.raw<PersonInfo | null>(null);
  /** Whether an action is in progress. */
  busy = $state(false);
  /** The current load of {@link refresh}. */
  #refreshing: Promise<void> | null = null;
  /** Whether people changed since that load started. */
  #isStale = false;

  constructor(
    private ipc: Ipc,
    private host: Host,
  ) {
    this.people = new RemoteList(async () => distinctById(await ipc.everybody()));
    this.invitations = new RemoteList(async () => distinctById(await ipc.invitations()));
    this.groups = new RemoteList(async () => distinctById(await ipc.ownerlessGroups()));
    this.server = new RemoteList(async () => [await ipc.serverState()]);
    this.defaults = new RemoteList(async () => distinctById(await ipc.defaultGroups()));
  }

  /** Shows a page over the whole window. */
  open(page: AdministrationPage) {
    if (page !== 'invitations') this.link = null;
    this.failure = '';
    this.page = page;
  }

  /** Shows the conversations again. */
  close() {
    this.page = this.link = this.resetting = null;
    this.failure = '';
  }

  /** Loads the data of the page from the server. */
  async load() {
    const { page } = this;
    if (page === null) return;
    const lists = page === 'server' ? [this[page], this.defaults] : [this[page]];
    const errors = await Promise.all(lists.map((list) => list.load()));
    const error = errors.find((error) => error !== undefined);
    if (error) this.#failed(error, page);
  }

  /** Reloads the page after a change of people. Changes during a load cause one more load. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#refreshing ??= this.#reload();
    return this.#refreshing;
  }

  async #reload() {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.load();
      }
    } finally {
      this.#refreshing = null;
    }
  }

  /** Asks for confirmation before an action. */
  confirm(confirmation: Confirmation) {
    this.failure = '';
    this.host.confirm(confirmation);
  }

  /** Creates an invitation, and shows its link. */
  invite = ({ days, ...request }: InvitationRequest) =>
    this.do(async () => {
      const lifetimeMs = days * 24 * 3600 * 1000;
      this.link = await this.ipc.invite({ ...request, lifetimeMs });
    });

  /**
   * Runs an action on the server, then shows `notice` and reloads the page. Returns whether the action succeeded.
   */
  async do(work: () => Promise<unknown>, notice?: string): Promise<boolean> {
    const { page } = this;
    this.failure = '';
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.#failed(error, page);
      return false;
    } finally {
      this.busy = false;
    }
    if (notice !== undefined) this.host.notify(notice);
    await this.load();
    return true;
  }

  #failed(error: unknown, page: AdministrationPage | null) {
    if (error instanceof Failure && (error.code === 'revoked' || error.code === 'locked'))
      this.host.ended(error);
    else if (this.page === page) this.failure = sentenceOf(error);
  }
}
