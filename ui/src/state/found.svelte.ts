import type { Ipc, Search, SearchHit, SearchPlace } from '../ipc';

/** Hits that are read at first, before anybody scrolls. */
const FIRST = 50;

/** What a search found, read page by page. */
export class Found {
  hits = $state.raw<SearchHit[]>([]);
  next = $state.raw<SearchPlace | null>(null);
  /** How many there are, once they were counted. */
  count = $state<number | null>(null);
  /** Milliseconds until the first came; null while nothing is looked for. */
  took = $state<number | null>(null);
  #search: Search | null = null;
  #searches = 0;
  /** The page that is being read: whoever wants more waits for it. */
  #loading: Promise<void> | null = null;

  constructor(
    private ipc: Pick<Ipc, 'search' | 'countHits'>,
    private attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>,
  ) {}

  /** Whether there are more than are counted. */
  get hasMore() {
    return this.next !== null && this.count === null;
  }

  /** Takes no more of what was looked for. */
  stop() {
    this.#searches++;
  }

  /** Looks for nothing. */
  clear() {
    this.stop();
    [this.hits, this.next, this.count, this.took] = [[], null, null, null];
  }

  /** Looks for something in the place of what was looked for; `shown` is called once there is something of it. */
  async look(search: Search, shown: () => void) {
    const mine = ++this.#searches;
    this.#search = search;
    const began = performance.now();
    const found = await this.attempt(() => this.ipc.search(search));
    if (mine !== this.#searches || !found) return;
    this.took = Math.round(performance.now() - began);
    [this.hits, this.next, this.count] = [found.hits, found.next, null];
    shown();
    // What fits is rare among much that looks alike: it is looked for on.
    while (mine === this.#searches && this.next && this.hits.length < FIRST) await this.more();
    if (mine !== this.#searches || !this.next) return;
    const counted = await this.attempt(() => this.ipc.countHits(search));
    if (mine === this.#searches) this.count = counted ?? null;
  }

  /** Reads the next page, if there is one. */
  more(): Promise<void> {
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #read() {
    if (!this.next) return;
    const mine = this.#searches;
    const search = { ...this.#search!, before: this.next };
    const found = await this.attempt(() => this.ipc.search(search));
    if (mine !== this.#searches) return;
    if (!found) this.next = null;
    else [this.hits, this.next] = [[...this.hits, ...found.hits], found.next];
  }
}
