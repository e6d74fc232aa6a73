/**
 * The reading position: a row, and its distance from the upper edge in pixels, or if the row is cut by the edge, the
 * part above it as a negative share of the row's height.
 */
type Place = { id: string; offset: number };

/**
 * Keeps the row that is read at the upper edge of a list, whatever is inserted above it, is edited or changes size,
 * the window included. The position is taken again only when the reader scrolls, not when the layout scrolls.
 */
export class ReadingPlace {
  #place: Place | null = null;
  /** The list's scroll position when it was last read or set here. */
  #scrollTop = 0;

  constructor(
    private scrollerOf: () => HTMLElement,
    private rows: () => Iterable<HTMLElement>,
  ) {}

  /** Takes the position again if the reader has scrolled since it was taken or kept. Returns whether it was. */
  take(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scrollerOf();
    if (scrollTop === this.#scrollTop) return false;
    // A list that became too short for its scroll position was scrolled to its end by the browser.
    const end = scrollHeight - clientHeight;
    const isCut = this.#scrollTop > end && scrollTop > end - 1;
    if (isCut) this.keep();
    else this.takeAnew();
    return !isCut;
  }

  /** Takes the row that is at the edge now as the reading position. */
  takeAnew() {
    this.#place = this.#find();
    this.#scrollTop = this.scrollerOf().scrollTop;
  }

  /** Scrolls so that the reading position is at the edge again. */
  keep() {
    const scroller = this.scrollerOf();
    const place = this.#place;
    const row = place && document.getElementById(place.id);
    if (row) scroller.scrollTop += this.#offset(row) - ahead(place.offset, row);
    this.#scrollTop = scroller.scrollTop;
  }

  /** Returns the pixels from the upper edge to the row, negative if the row starts above the edge. */
  #offset(row: HTMLElement) {
    return row.getBoundingClientRect().top - this.scrollerOf().getBoundingClientRect().top;
  }

  #find(): Place | null {
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
 * Returns the distance of a row from the edge in pixels. A row that is cut by the edge keeps the same share of its
 * height above it, since its height may have changed.
 */
const ahead = (offset: number, row: HTMLElement) =>
  offset < 0 ? offset * row.offsetHeight : offset;
