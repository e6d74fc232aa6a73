/** Rows that are only on the server: those of the last response, and its time. */
export class RemoteList<Row> {
  /** Null before the first response. */
  rows = $state.raw<Row[] | null>(null);
  /** The time of the last response. */
  loadedAt = $state<number | null>(null);
  /** Counts requests: the response to a superseded one is ignored. */
  #requests = 0;

  constructor(private request: () => Promise<Row[]>) {}

  /** Requests the rows. If that fails, keeps the previous rows and returns the error. */
  async load(): Promise<unknown> {
    const id = ++this.#requests;
    try {
      const rows = await this.request();
      if (id === this.#requests) {
        this.rows = rows;
        this.loadedAt = Date.now();
      }
      return undefined;
    } catch (error) {
      return id === this.#requests ? error : undefined;
    }
  }
}
