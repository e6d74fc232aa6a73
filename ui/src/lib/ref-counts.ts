/** Counts the references to values, such as those of the elements that show them. */
export class RefCounts<T> {
  #counts = new Map<T, number>();

  /** Adds a reference to each of `values` until the returned function is called. */
  retain(values: readonly T[]): () => void {
    for (const value of values) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    return () => {
      for (const value of values) this.#release(value);
    };
  }

  has = (value: T) => this.#counts.has(value);

  /** Returns all values with at least one reference. */
  all = (): T[] => [...this.#counts.keys()];

  #release(value: T) {
    const count = (this.#counts.get(value) ?? 1) - 1;
    if (count > 0) this.#counts.set(value, count);
    else this.#counts.delete(value);
  }
}
