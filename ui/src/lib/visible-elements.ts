/** Tracks which values are visible: those whose elements are in the viewport. */
export class VisibleElements<T> {
  #elements = new Map<Element, { value: T; isVisible: boolean }>();
  #observer: IntersectionObserver | undefined;

  /** `changed` is called whenever other values may be visible. */
  constructor(private changed: () => void) {}

  /** Tracks an element that shows a value. Returns a function that stops it. */
  track(element: Element, value: T): () => void {
    this.#elements.set(element, { value, isVisible: false });
    this.#observer ??= new IntersectionObserver((entries) => this.#update(entries));
    this.#observer.observe(element);
    return () => {
      this.#observer?.unobserve(element);
      this.#elements.delete(element);
      this.changed();
    };
  }

  /** Returns at most `limit` visible values, without duplicates. */
  all(limit: number): T[] {
    const visible = [...this.#elements.values()].filter((entry) => entry.isVisible);
    return [...new Set(visible.map((entry) => entry.value))].slice(0, limit);
  }

  #update(entries: IntersectionObserverEntry[]) {
    for (const { target, isIntersecting } of entries) {
      const entry = this.#elements.get(target);
      if (entry) entry.isVisible = isIntersecting;
    }
    this.changed();
  }
}
