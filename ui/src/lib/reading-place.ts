/** Where one reads: a row and how much of it lies above the upper edge. */
type Place = { id: string; offset: number };

/**
 * Keeps what is read at the upper edge of a list whatever comes above it, is edited or changes size,
 * the window too. The place is taken anew only when the reader scrolls, not when the layout does.
 */
export class ReadingPlace {
  #place: Place | null = null;
  /** Where the list was left last. */
  #scrollTop = 0;

  constructor(
    private scrollerOf: () => HTMLElement,
    private rows: () => Iterable<HTMLElement>,
  ) {}

  /** Takes the place anew if the reader has scrolled since it was taken or kept; tells whether. */
  take(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scrollerOf();
    if (scrollTop === this.#scrollTop) return false;
    // A list that has become too short for where it was, was scrolled to its end by itself.
    const end = scrollHeight - clientHeight;
    const isCut = this.#scrollTop > end && scrollTop > end - 1;
    if (isCut) this.keep();
    else this.takeAnew();
    return !isCut;
  }

  /** Takes what stands at the edge now for what is read. */
  takeAnew() {
    this.#place = this.#find();
    this.#scrollTop = this.scrollerOf().scrollTop;
  }

  /** Brings what was read back to the edge. */
  keep() {
    const scroller = this.scrollerOf();
    const place = this.#place;
    const row = place && document.getElementById(place.id);
    if (row) scroller.scrollTop += this.#offset(row) - ahead(place.offset, row);
    this.#scrollTop = scroller.scrollTop;
  }

  /** Pixels from the upper edge to the row; negative where the row begins above it. */
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

/** A row that is cut keeps its share above the edge, since its height may be another now. */
const ahead = (offset: number, row: HTMLElement) =>
  offset < 0 ? offset * row.offsetHeight : offset;
