/**
 * Colours for code: pieces of text with a class each, never HTML. A worker makes them, one block after another. If a
 * block takes longer than `DEADLINE_MS`, the worker is terminated and the block stays plain.
 */
import type { Piece } from './pieces';

export type { Piece };

/** A request to the worker. */
export type HighlightRequest = { code: string; language: string };
/** A message from the worker: that it is ready, or the one answer to a request. */
export type HighlightResponse = { type: 'ready' } | { type: 'done'; pieces: Piece[] | null };

/** The part of `Worker` that is used here. */
export type Thread = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** Longest code that is coloured, in UTF-16 units. Longer code stays plain. */
export const MOST = 5_000;
/** Longest name of a language that is looked up. */
const LONGEST_NAME = 40;
/** Longest time that one block may take, in milliseconds. */
export const DEADLINE_MS = 300;
/** Longest time in which the worker may start and load all languages, in milliseconds. */
const BEGINNING_MS = 10_000;
/** Time without a request after which the worker is terminated, in milliseconds. */
const IDLE_MS = 30_000;
/** Number of blocks that may wait. Beyond it, the block that has waited longest stays plain. */
const WAITING = 100;
/** Number of blocks whose colours are remembered. */
const KEPT = 200;

type Job = HighlightRequest & { key: string; done: (pieces: Piece[] | null) => void };

export class Highlighter {
  /** Finished blocks by language and code, in the order in which they were finished. */
  #known = new Map<string, Piece[] | null>();
  #asked = new Map<string, Promise<Piece[] | null>>();
  #waiting: Job[] = [];
  #current: Job | null = null;
  #thread: Thread | null = null;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #begin: () => Thread;

  /** `begin` starts a worker. */
  constructor(begin: () => Thread) {
    this.#begin = begin;
  }

  /**
   * Returns the colours if they are remembered, null for a block that stays plain, undefined if they are not known.
   */
  known(code: string, language: string): Piece[] | null | undefined {
    return staysPlain(code, language) ? null : this.#known.get(keyOf(code, language));
  }

  /** Returns the colours, or null for a block that stays plain. Never rejects. */
  highlight(code: string, language: string): Promise<Piece[] | null> {
    const known = this.known(code, language);
    if (known !== undefined) return Promise.resolve(known);
    const key = keyOf(code, language);
    const asked = this.#asked.get(key);
    if (asked) return asked;
    const promise = new Promise<Piece[] | null>((done) => {
      this.#waiting.push({ code, language, key, done });
    });
    this.#asked.set(key, promise);
    if (this.#waiting.length > WAITING) this.#answer(this.#waiting.shift()!, null, false);
    this.#next();
    return promise;
  }

  #next() {
    if (this.#current) return;
    if (!this.#thread) {
      if (this.#waiting.length > 0) this.#start();
      return;
    }
    if (!this.#isReady) return;
    clearTimeout(this.#timer);
    this.#current = this.#waiting.shift() ?? null;
    if (!this.#current) {
      this.#timer = setTimeout(() => this.#end(), IDLE_MS);
      return;
    }
    const { code, language } = this.#current;
    this.#thread.postMessage({ code, language } satisfies HighlightRequest);
    this.#timer = setTimeout(() => this.#giveUp(), DEADLINE_MS);
  }

  #start() {
    try {
      this.#thread = this.#begin();
    } catch {
      return this.#allPlain();
    }
    const thread = this.#thread;
    // Messages of a worker that was terminated are ignored.
    thread.onmessage = (event: MessageEvent<HighlightResponse>) => {
      if (thread === this.#thread) this.#hear(event.data);
    };
    thread.onerror = () => {
      if (thread === this.#thread) this.#giveUp();
    };
    this.#timer = setTimeout(() => this.#giveUp(), BEGINNING_MS);
  }

  #hear(told: HighlightResponse) {
    if (told.type === 'ready') this.#isReady = true;
    else if (this.#current) this.#answer(this.#current, told.pieces, true);
    this.#current = null;
    this.#next();
  }

  /**
   * Terminates the worker because of its current block; the other blocks get a new worker. If the worker did not even
   * start, all waiting blocks stay plain.
   */
  #giveUp() {
    const current = this.#current;
    this.#end();
    if (!current) return this.#allPlain();
    this.#answer(current, null, true);
    this.#next();
  }

  #allPlain() {
    for (const job of this.#waiting.splice(0)) this.#answer(job, null, false);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#thread?.terminate();
    this.#thread = null;
    this.#current = null;
    this.#isReady = false;
  }

  #answer(job: Job, pieces: Piece[] | null, isFinal: boolean) {
    this.#asked.delete(job.key);
    if (isFinal) {
      this.#known.set(job.key, pieces);
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    }
    job.done(pieces);
  }
}

const staysPlain = (code: string, language: string) =>
  language === '' || language.length > LONGEST_NAME || code.length > MOST;
const keyOf = (code: string, language: string) => `${language}\n${code}`;

/** The highlighter of the window. */
export const highlighter = new Highlighter(
  () => new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' }),
);
