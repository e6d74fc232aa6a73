import type { FilePage, FilesQuery, Ipc, ListedFile } from '../ipc';

/** The files that match a query, newest first. */
export class FileResults {
  files = $state.raw<ListedFile[]>([]);
  next = $state.raw<FilePage['next']>(null);
  /** Whether the first response has arrived. */
  isLoaded = $state(false);
  #query: FilesQuery | null = null;
  /** Counts queries, so that a late response does not replace a newer one. */
  #requests = 0;

  constructor(
    private ipc: Pick<Ipc, 'files'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
  ) {}

  /** Loads the newest files that match a query. */
  async show(query: FilesQuery) {
    this.#query = query;
    await this.#load(query, []);
  }

  /** Loads older files. */
  async loadMore() {
    const query = this.#query;
    if (query && this.next) await this.#load({ ...query, after: this.next }, this.files);
  }

  async #load(query: FilesQuery, before: ListedFile[]) {
    const request = ++this.#requests;
    await this.attempt(async () => {
      const page = await this.ipc.files(query);
      if (request !== this.#requests) return;
      this.files = [...before, ...page.files];
      this.next = page.next;
      this.isLoaded = true;
    });
  }
}
