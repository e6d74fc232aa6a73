/** Counts how often things are held, such as by the elements that show them. */
export class Counted<T> {
  #held = new Map<T, number>();

  /** Holds things until the returned function is called. */
  hold(things: readonly T[]): () => void {
    for (const one of things) this.#held.set(one, (this.#held.get(one) ?? 0) + 1);
    return () => {
      for (const one of things) this.#leave(one);
    };
  }

  has = (one: T) => this.#held.has(one);

  /** Returns everything that is held. */
  all = (): T[] => [...this.#held.keys()];

  #leave(one: T) {
    const left = (this.#held.get(one) ?? 1) - 1;
    if (left > 0) this.#held.set(one, left);
    else this.#held.delete(one);
  }
}
