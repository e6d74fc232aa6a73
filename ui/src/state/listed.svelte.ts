import type { FilePage, FilesQuery, Ipc, ListedFile } from '../ipc';

/** The files that a query found, the newest first. */
export class Listed {
  files = $state.raw<ListedFile[]>([]);
  next = $state.raw<FilePage['next']>(null);
  /** Whether the query was answered. */
  isRead = $state(false);
  #query: FilesQuery | null = null;
  /** Counts queries, so that a late answer does not replace a newer one. */
  #asked = 0;

  constructor(
    private ipc: Pick<Ipc, 'files'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
  ) {}

  /** Shows the newest files that a query finds. */
  async show(query: FilesQuery) {
    this.#query = query;
    await this.#read(query, []);
  }

  /** Adds older files. */
  async more() {
    const query = this.#query;
    if (query && this.next) await this.#read({ ...query, after: this.next }, this.files);
  }

  async #read(query: FilesQuery, before: ListedFile[]) {
    const asked = ++this.#asked;
    await this.attempt(async () => {
      const page = await this.ipc.files(query);
      if (asked !== this.#asked) return;
      this.files = [...before, ...page.files];
      this.next = page.next;
      this.isRead = true;
    });
  }
}
