import {
  Failure,
  type ConversationId,
  type Ipc,
  type NewLink,
  type PersonInfo,
  type UserRole,
} from '../ipc';
import { Checked } from './checked.svelte';
import type { Question } from './question';
import { sentenceOf } from './sentence';

export const ADMINISTRATION_PAGES = ['people', 'invitations', 'groups', 'server'] as const;
export type AdministrationPage = (typeof ADMINISTRATION_PAGES)[number];

/** The functions of the window that the administration uses. */
type Host = {
  ask: (question: Question) => void;
  /** Shows that something was done. */
  tell: (sentence: string) => void;
  /** Handles a failure that ends the account here. */
  ended: (error: Failure) => void;
};

/** What is asked for of a new invitation. */
export type Invited = {
  role: UserRole;
  uses: number;
  days: number;
  note: string;
  groups: ConversationId[];
};

/** What an administrator of the server sees and does, a page at a time. */
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
  /** What {@link follow} loads, until it is finished. */
  #following: Promise<void> | null = null;
  /** Whether people changed since that load began. */
  #isBehind = false;

  constructor(
    private ipc: Ipc,
    private host: Host,
  ) {
    this.people = new Checked(() => ipc.everybody());
    this.invitations = new Checked(() => ipc.invitations());
    this.groups = new Checked(() => ipc.ownerlessGroups());
    this.server = new Checked(async () => [await ipc.serverState()]);
    this.defaults = new Checked(() => ipc.defaultGroups());
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
    const wanted = page === 'server' ? [this[page], this.defaults] : [this[page]];
    const errors = await Promise.all(wanted.map((one) => one.load()));
    const error = errors.find((one) => one !== undefined);
    if (error) this.#failed(error, page);
  }

  /** Loads the page again because people changed: once at a time, and once more for all changes meanwhile. */
  follow(): Promise<void> {
    this.#isBehind = true;
    this.#following ??= this.#catchUp();
    return this.#following;
  }

  async #catchUp() {
    try {
      while (this.#isBehind) {
        this.#isBehind = false;
        await this.load();
      }
    } finally {
      this.#following = null;
    }
  }

  /** Asks a question before an action. */
  ask(question: Question) {
    this.failure = '';
    this.host.ask(question);
  }

  /** Makes an invitation, whose link is shown. */
  invite = ({ days, ...asked }: Invited) =>
    this.do(async () => {
      const lifetimeMs = days * 24 * 3600 * 1000;
      this.link = await this.ipc.invite({ ...asked, lifetimeMs });
    });

  /**
   * Runs an action on the server, then shows `told` and loads the page again. Returns whether the action succeeded.
   */
  async do(work: () => Promise<unknown>, told?: string): Promise<boolean> {
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
    if (told !== undefined) this.host.tell(told);
    await this.load();
    return true;
  }

  #failed(error: unknown, page: AdministrationPage | null) {
    if (error instanceof Failure && (error.code === 'revoked' || error.code === 'locked'))
      this.host.ended(error);
    else if (this.page === page) this.failure = sentenceOf(error);
  }
}
