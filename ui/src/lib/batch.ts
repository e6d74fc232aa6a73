import { nextPaintOrTimeout } from './painted';

/** Collects single requests while something is rendered, and sends them together once it is painted. */
export class Batch<T> {
  #waiting = new Set<T>();
  #running: Promise<void> = Promise.resolve();

  /** `request` is called with at most `limit` keys at a time, one call after another. */
  constructor(
    private request: (keys: T[]) => Promise<void>,
    private limit: number,
  ) {}

  add(keys: Iterable<T>) {
    const isFirst = this.#waiting.size === 0;
    for (const key of keys) this.#waiting.add(key);
    if (!isFirst || this.#waiting.size === 0) return;
    this.#running = Promise.all([this.#running, nextPaintOrTimeout()]).then(() =>
      this.#requestAll(),
    );
  }

  async #requestAll() {
    const keys = [...this.#waiting];
    this.#waiting.clear();
    for (let start = 0; start < keys.length; start += this.limit)
      await this.request(keys.slice(start, start + this.limit));
  }
}
