import { Failure, type Ipc, type NewLink, type PersonInfo, type UserRole } from '../ipc';
import { Checked } from './checked.svelte';
import type { Question } from './question';
import { sentenceOf } from './sentence';

export const ADMINISTRATION_PAGES = ['people', 'invitations', 'groups'] as const;
export type AdministrationPage = (typeof ADMINISTRATION_PAGES)[number];

/** The functions of the window that the administration uses. */
type Host = {
  ask: (question: Question) => void;
  /** Shows that something was done. */
  tell: (sentence: string) => void;
  /** Handles a failure that ends the account here. */
  ended: (error: Failure) => void;
};

/** The administration of the server: its pages, their data and the actions on it. */
export class Administration {
  /** The page that covers the window, null for none. */
  page = $state<AdministrationPage | null>(null);
  readonly people;
  readonly invitations;
  readonly groups;
  /** The failure of the newest action. */
  failure = $state('');
  /** The link that was just created. It is shown until its page is left, and never again. */
  link = $state.raw<NewLink | null>(null);
  /** The person whose password is about to be reset. */
  resetting = $state.raw<PersonInfo | null>(null);
  /** Whether an action is in progress. */
  busy = $state(false);

  constructor(
    private ipc: Ipc,
    private host: Host,
  ) {
    this.people = new Checked(() => ipc.everybody());
    this.invitations = new Checked(() => ipc.invitations());
    this.groups = new Checked(() => ipc.ownerlessGroups());
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
    const error = await this[page].load();
    if (error) this.#failed(error, page);
  }

  /** Asks a question before an action. */
  ask(question: Question) {
    this.failure = '';
    this.host.ask(question);
  }

  /** Creates an invitation, and shows its link. */
  invite = (role: UserRole, uses: number, days: number) =>
    this.do(async () => {
      const lifetimeMs = days * 24 * 3600 * 1000;
      this.link = await this.ipc.invite({ role, uses, lifetimeMs });
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
