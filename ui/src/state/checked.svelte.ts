/** Rows that only the server has: the last that it told, and when. */
export class Checked<Row> {
  /** Nothing before the first answer. */
  rows = $state.raw<Row[] | null>(null);
  /** When they were told. */
  at = $state<number | null>(null);
  /** Counts the questions: an answer that was overtaken is not shown. */
  #asked = 0;

  constructor(private ask: () => Promise<Row[]>) {}

  /** Asks; what was known stays where there is no answer. Answers what failed. */
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
