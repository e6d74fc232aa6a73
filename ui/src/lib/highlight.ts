/**
 * Syntax highlighting of code: tokens with a class each, never HTML. A worker computes them, one block after another.
 * If a block takes longer than `DEADLINE_MS`, the worker is terminated and the block stays plain.
 */
import type { CodeToken } from './tokenize';

export type { CodeToken };

/** A request to the worker. */
export type HighlightRequest = { code: string; language: string };
/** A message from the worker: that it is ready, or the single response to a request. */
export type HighlightResponse = { type: 'ready' } | { type: 'done'; tokens: CodeToken[] | null };

/** The part of `Worker` that is used here. */
export type Thread = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** Longest code that is highlighted, in UTF-16 units. Longer code stays plain. */
export const MAX_CODE_LENGTH = 5_000;
/** Longest name of a language that is looked up. */
const MAX_NAME_LENGTH = 40;
/** Longest time that one block may take, in milliseconds. */
export const DEADLINE_MS = 300;
/** Longest time in which the worker may start and load all languages, in milliseconds. */
const START_MS = 10_000;
/** Time without a request after which the worker is terminated, in milliseconds. */
const IDLE_MS = 30_000;
/** Number of blocks that may wait. Beyond it, the block that has waited longest stays plain. */
const MAX_WAITING = 100;
/** Number of blocks whose tokens are cached. */
const CACHE_SIZE = 200;

type Job = HighlightRequest & { key: string; resolve: (tokens: CodeToken[] | null) => void };

export class Highlighter {
  /** Finished blocks by language and code, in the order in which they were finished. */
  #cache = new Map<string, CodeToken[] | null>();
  #pending = new Map<string, Promise<CodeToken[] | null>>();
  #waiting: Job[] = [];
  #current: Job | null = null;
  #thread: Thread | null = null;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #startThread: () => Thread;

  /** `startThread` starts a worker. */
  constructor(startThread: () => Thread) {
    this.#startThread = startThread;
  }

  /**
   * Returns the cached tokens, null for a block that stays plain, undefined if they are not cached.
   */
  cached(code: string, language: string): CodeToken[] | null | undefined {
    return staysPlain(code, language) ? null : this.#cache.get(keyOf(code, language));
  }

  /** Returns the tokens, or null for a block that stays plain. Never rejects. */
  highlight(code: string, language: string): Promise<CodeToken[] | null> {
    const cached = this.cached(code, language);
    if (cached !== undefined) return Promise.resolve(cached);
    const key = keyOf(code, language);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const promise = new Promise<CodeToken[] | null>((resolve) => {
      this.#waiting.push({ code, language, key, resolve });
    });
    this.#pending.set(key, promise);
    if (this.#waiting.length > MAX_WAITING) this.#resolve(this.#waiting.shift()!, null, false);
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
      this.#timer = setTimeout(() => this.#terminate(), IDLE_MS);
      return;
    }
    const { code, language } = this.#current;
    this.#thread.postMessage({ code, language } satisfies HighlightRequest);
    this.#timer = setTimeout(() => this.#abort(), DEADLINE_MS);
  }

  #start() {
    try {
      this.#thread = this.#startThread();
    } catch {
      return this.#resolveAllPlain();
    }
    const thread = this.#thread;
    // Messages of a worker that was terminated are ignored.
    thread.onmessage = (event: MessageEvent<HighlightResponse>) => {
      if (thread === this.#thread) this.#receive(event.data);
    };
    thread.onerror = () => {
      if (thread === this.#thread) this.#abort();
    };
    this.#timer = setTimeout(() => this.#abort(), START_MS);
  }

  #receive(response: HighlightResponse) {
    if (response.type === 'ready') this.#isReady = true;
    else if (this.#current) this.#resolve(this.#current, response.tokens, true);
    this.#current = null;
    this.#next();
  }

  /**
   * Terminates the worker because of its current block; the other blocks get a new worker. If the worker did not even
   * start, all waiting blocks stay plain.
   */
  #abort() {
    const current = this.#current;
    this.#terminate();
    if (!current) return this.#resolveAllPlain();
    this.#resolve(current, null, true);
    this.#next();
  }

  #resolveAllPlain() {
    for (const job of this.#waiting.splice(0)) this.#resolve(job, null, false);
  }

  #terminate() {
    clearTimeout(this.#timer);
    this.#thread?.terminate();
    this.#thread = null;
    this.#current = null;
    this.#isReady = false;
  }

  #resolve(job: Job, tokens: CodeToken[] | null, isFinal: boolean) {
    this.#pending.delete(job.key);
    if (isFinal) {
      this.#cache.set(job.key, tokens);
      if (this.#cache.size > CACHE_SIZE) this.#cache.delete(this.#cache.keys().next().value!);
    }
    job.resolve(tokens);
  }
}

const staysPlain = (code: string, language: string) =>
  language === '' || language.length > MAX_NAME_LENGTH || code.length > MAX_CODE_LENGTH;
const keyOf = (code: string, language: string) => `${language}\n${code}`;

/** The highlighter of the window. */
export const highlighter = new Highlighter(
  () => new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' }),
);
