/**
 * Colours for code: pieces of text with a class each, never HTML. A worker makes them, one block after the other,
 * and is ended if a block takes longer than anybody waits; that block stays plain.
 */
import type { Piece } from './pieces';

export type { Piece };

/** What the worker is asked. */
export type Asked = { code: string; language: string };
/** What it tells: that it can be asked, and then one answer to each question. */
export type Told = { type: 'ready' } | { type: 'done'; pieces: Piece[] | null };

/** As much of a `Worker` as is needed. */
export type Thread = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** Characters. Longer code is shown plain. */
export const MOST = 5_000;
/** No language has a longer name. */
const LONGEST_NAME = 40;
/** How long a block may take. */
export const DEADLINE_MS = 300;
/** How long the worker may take to begin, with all languages. */
const BEGINNING_MS = 10_000;
/** After how long without a question the worker ends. */
const IDLE_MS = 30_000;
/** Blocks that wait at a time; of more, the one that has waited longest stays plain. */
const WAITING = 100;
/** Blocks whose colours are remembered. */
const KEPT = 200;

type Job = Asked & { key: string; done: (pieces: Piece[] | null) => void };

export class Highlighter {
  /** By language and code, the one that was asked for last at the end. */
  #known = new Map<string, Piece[] | null>();
  #asked = new Map<string, Promise<Piece[] | null>>();
  #waiting: Job[] = [];
  #current: Job | null = null;
  #thread: Thread | null = null;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #begin: () => Thread;

  /** `begin` makes a worker. */
  constructor(begin: () => Thread) {
    this.#begin = begin;
  }

  /** The colours, if they were made before; null for a block that stays plain. */
  known(code: string, language: string): Piece[] | null | undefined {
    return staysPlain(code, language) ? null : this.#known.get(keyOf(code, language));
  }

  /** The colours, or null for a block that stays plain. Never fails. */
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
    this.#thread.postMessage({ code, language } satisfies Asked);
    this.#timer = setTimeout(() => this.#giveUp(), DEADLINE_MS);
  }

  #start() {
    try {
      this.#thread = this.#begin();
    } catch {
      return this.#allPlain();
    }
    const thread = this.#thread;
    // What a worker says after it was ended is nobody's answer.
    thread.onmessage = (event: MessageEvent<Told>) => {
      if (thread === this.#thread) this.#hear(event.data);
    };
    thread.onerror = () => {
      if (thread === this.#thread) this.#giveUp();
    };
    this.#timer = setTimeout(() => this.#giveUp(), BEGINNING_MS);
  }

  #hear(told: Told) {
    if (told.type === 'ready') this.#isReady = true;
    else if (this.#current) this.#answer(this.#current, told.pieces, true);
    this.#current = null;
    this.#next();
  }

  /** Ends the worker over the block that it is at; the others get a new one. One that does not even begin helps
      nobody. */
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

/** The window's own. */
export const highlighter = new Highlighter(
  () => new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' }),
);
