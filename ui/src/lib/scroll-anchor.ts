/**
 * The anchor: a row with its distance from the upper edge in pixels, or if the edge is within the row, the part above
 * the edge as a negative fraction of the row's height.
 */
type Anchor = { id: string; offset: number };

/**
 * Keeps a row at the upper edge of a list in place when rows above it are added, edited or resized, or when the window
 * is resized. The anchor changes only when the user scrolls, not when the layout scrolls.
 */
export class ScrollAnchor {
  #anchor: Anchor | null = null;
  /** The list's scroll position when it was last read or set here. */
  #scrollTop = 0;

  constructor(
    private getScroller: () => HTMLElement,
    private rows: () => Iterable<HTMLElement>,
  ) {}

  /** Updates the anchor if the user has scrolled since it was last set or restored. Returns whether it did. */
  updateAfterScroll(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.getScroller();
    if (scrollTop === this.#scrollTop) return false;
    // The browser scrolled a list to its end that became too short for its scroll position.
    const end = scrollHeight - clientHeight;
    const isClamped = this.#scrollTop > end && scrollTop > end - 1;
    if (isClamped) this.restore();
    else this.update();
    return !isClamped;
  }

  /** Makes the row at the edge the anchor. */
  update() {
    this.#anchor = this.#find();
    this.#scrollTop = this.getScroller().scrollTop;
  }

  /** Scrolls so that the anchor is where it was. */
  restore() {
    const scroller = this.getScroller();
    const anchor = this.#anchor;
    const row = anchor && document.getElementById(anchor.id);
    if (row) scroller.scrollTop += this.#offset(row) - offsetInPixels(anchor.offset, row);
    this.#scrollTop = scroller.scrollTop;
  }

  /** Returns the pixels from the upper edge to the row, negative if the row starts above the edge. */
  #offset(row: HTMLElement) {
    return row.getBoundingClientRect().top - this.getScroller().getBoundingClientRect().top;
  }

  #find(): Anchor | null {
    for (const row of this.rows()) {
      const offset = this.#offset(row);
      const { offsetHeight } = row;
      if (offset + offsetHeight > 0)
        return { id: row.id, offset: offset < 0 ? offset / offsetHeight : offset };
    }
    return null;
  }
}

/**
 * Returns the distance of a row from the edge in pixels. The fraction of a row above the edge stays the same if
 * its height changed.
 */
const offsetInPixels = (offset: number, row: HTMLElement) =>
  offset < 0 ? offset * row.offsetHeight : offset;
