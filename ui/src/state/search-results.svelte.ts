import type { Ipc, Search, SearchHit, SearchPlace } from '../ipc';

/** Number of hits that are loaded before the user scrolls. */
const INITIAL_HITS = 50;

/** The results of a search, loaded page by page. */
export class SearchResults {
  hits = $state.raw<SearchHit[]>([]);
  next = $state.raw<SearchPlace | null>(null);
  /** The total number of hits, once they are counted. */
  count = $state<number | null>(null);
  /** Time until the first results arrived, in milliseconds; null without a search. */
  durationMs = $state<number | null>(null);
  #search: Search | null = null;
  #generation = 0;
  /** The page that is being loaded. Further calls wait for it. */
  #loading: Promise<void> | null = null;

  constructor(
    private ipc: Pick<Ipc, 'search' | 'countHits'>,
    private attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>,
  ) {}

  /** Whether there are more hits than those loaded and their number is not known. */
  get hasUncountedMore() {
    return this.next !== null && this.count === null;
  }

  /** Ignores all further results of the current search. */
  stop() {
    this.#generation++;
  }

  /** Removes the results and ends the search. */
  clear() {
    this.stop();
    [this.hits, this.next, this.count, this.durationMs] = [[], null, null, null];
  }

  /** Starts a search instead of the current one. Calls `onresults` once there are first results. */
  async start(search: Search, onresults: () => void) {
    const generation = ++this.#generation;
    this.#search = search;
    const start = performance.now();
    const found = await this.attempt(() => this.ipc.search(search));
    if (generation !== this.#generation || !found) return;
    this.durationMs = Math.round(performance.now() - start);
    [this.hits, this.next, this.count] = [found.hits, found.next, null];
    onresults();
    // A page may contain few hits, so pages are loaded until there are enough.
    while (generation === this.#generation && this.next && this.hits.length < INITIAL_HITS)
      await this.loadMore();
    if (generation !== this.#generation || !this.next) return;
    const counted = await this.attempt(() => this.ipc.countHits(search));
    if (generation === this.#generation) this.count = counted ?? null;
  }

  /** Loads the next page, if there is one. */
  loadMore(): Promise<void> {
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #read() {
    if (!this.next) return;
    const generation = this.#generation;
    const search = { ...this.#search!, before: this.next };
    const found = await this.attempt(() => this.ipc.search(search));
    if (generation !== this.#generation) return;
    if (!found) this.next = null;
    else [this.hits, this.next] = [[...this.hits, ...found.hits], found.next];
  }
}
