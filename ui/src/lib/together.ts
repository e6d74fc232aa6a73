import { soonPainted } from './painted';

/** Collects what is asked for one by one while something is shown, and asks for all of it once that is painted. */
export class Together<T> {
  #asked = new Set<T>();
  #answering: Promise<void> = Promise.resolve();

  /** `ask` is called with at most `most` at once, and again only when it is done. */
  constructor(
    private ask: (some: T[]) => Promise<void>,
    private most: number,
  ) {}

  add(all: Iterable<T>) {
    const isFirst = this.#asked.size === 0;
    for (const one of all) this.#asked.add(one);
    if (!isFirst || this.#asked.size === 0) return;
    this.#answering = Promise.all([this.#answering, soonPainted()]).then(() => this.#askAll());
  }

  async #askAll() {
    const asked = [...this.#asked];
    this.#asked.clear();
    for (let at = 0; at < asked.length; at += this.most)
      await this.ask(asked.slice(at, at + this.most));
  }
}
