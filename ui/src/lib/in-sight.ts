/** Which things are in sight, of which elements show some. */
export class InSight<T> {
  #elements = new Map<Element, { shown: T; isSeen: boolean }>();
  #observer: IntersectionObserver | undefined;

  /** `changed` is called whenever something else may be in sight. */
  constructor(private changed: () => void) {}

  /** Follows an element that shows something. Returns a function that ends it. */
  follow(element: Element, shown: T): () => void {
    this.#elements.set(element, { shown, isSeen: false });
    this.#observer ??= new IntersectionObserver((entries) => this.#look(entries));
    this.#observer.observe(element);
    return () => {
      this.#observer?.unobserve(element);
      this.#elements.delete(element);
      this.changed();
    };
  }

  /** Returns what is in sight, each once, and no more than `most`. */
  all(most: number): T[] {
    const seen = [...this.#elements.values()].filter((one) => one.isSeen);
    return [...new Set(seen.map((one) => one.shown))].slice(0, most);
  }

  #look(entries: IntersectionObserverEntry[]) {
    for (const { target, isIntersecting } of entries) {
      const one = this.#elements.get(target);
      if (one) one.isSeen = isIntersecting;
    }
    this.changed();
  }
}
