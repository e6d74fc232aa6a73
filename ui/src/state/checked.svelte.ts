/** Rows that only the server has: those of the last response, and its time. */
export class Checked<Row> {
  /** Null before the first response. */
  rows = $state.raw<Row[] | null>(null);
  /** The time of the last response. */
  at = $state<number | null>(null);
  /** Counts requests: the response to a superseded one is ignored. */
  #asked = 0;

  constructor(private ask: () => Promise<Row[]>) {}

  /** Requests the rows. If that fails, keeps the previous rows and returns the error. */
  async load(): Promise<unknown> {
    const asked = ++this.#asked;
    try {
      const rows = await this.ask();
      if (asked === this.#asked) {
        this.rows = rows;
        this.at = Date.now();
      }
      return undefined;
    } catch (error) {
      return asked === this.#asked ? error : undefined;
    }
  }
}
