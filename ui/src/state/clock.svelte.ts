import { createSubscriber } from 'svelte/reactivity';
import { nextDay } from '../lib/format-time';

/**
 * Maximum time between two checks, in milliseconds. When the computer was asleep or its clock was set, timers fire
 * late.
 */
const CHECK_MS = 30_000;
const MINUTE_MS = 60_000;

/**
 * The current time for everything that is shown. Its readers are updated when their output changes: at midnight, and at
 * each moment that was passed to `isAhead`. No timer runs while nothing reads the clock.
 */
export class Clock {
  #now = Date.now();
  #isWatched = false;
  /** The moments that were passed to `isAhead` and are still in the future. */
  #moments: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #update: () => void = () => undefined;
  #watch = createSubscriber((update) => {
    [this.#now, this.#isWatched, this.#update] = [Date.now(), true, update];
    this.#schedule();
    window.addEventListener('focus', this.#check);
    return () => {
      clearTimeout(this.#timer);
      window.removeEventListener('focus', this.#check);
      this.#isWatched = false;
      this.#moments = [];
    };
  });

  /** The current time, or an earlier one for which all readers have the same output. */
  get now(): number {
    this.#watch();
    return this.#isWatched ? this.#now : Date.now();
  }

  /** The start of the current minute. Its readers are updated every minute. */
  get minute(): number {
    const now = Date.now();
    const start = now - (now % MINUTE_MS);
    this.isAhead(start + MINUTE_MS);
    return start;
  }

  /** Whether a moment is still in the future. */
  isAhead(moment: number | null): boolean {
    this.#watch();
    const isAhead = moment !== null && moment > Date.now();
    if (isAhead && this.#isWatched && !this.#moments.includes(moment)) {
      this.#moments.push(moment);
      this.#schedule();
    }
    return isAhead;
  }

  #next = () => Math.min(nextDay(this.#now), ...this.#moments);
  #isDue = () => Date.now() >= this.#next() || Date.now() < this.#now;

  #schedule() {
    clearTimeout(this.#timer);
    const delay = Math.max(0, this.#next() - Date.now());
    this.#timer = setTimeout(this.#check, Math.min(delay, CHECK_MS));
  }

  #check = () => {
    if (this.#isDue()) {
      this.#now = Date.now();
      this.#moments = this.#moments.filter((moment) => moment > this.#now);
      this.#update();
    }
    this.#schedule();
  };
}
