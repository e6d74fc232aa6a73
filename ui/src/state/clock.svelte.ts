import { createSubscriber } from 'svelte/reactivity';
import { nextDay } from '../lib/format-time';

/**
 * Longest time between two checks, in milliseconds. When the machine slept or its clock was set, timers fire late.
 */
const LOOK_MS = 30_000;
const MINUTE_MS = 60_000;

/**
 * The current time for everything that is shown. A reader is updated when it would show something else: at midnight,
 * and at each moment that `isAhead` was asked about. No timer runs while nothing reads the clock.
 */
export class Clock {
  #now = Date.now();
  #isWatched = false;
  /** The moments that were asked about and are still ahead. */
  #moments: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tell: () => void = () => undefined;
  #watch = createSubscriber((tell) => {
    [this.#now, this.#isWatched, this.#tell] = [Date.now(), true, tell];
    this.#wait();
    window.addEventListener('focus', this.#look);
    return () => {
      clearTimeout(this.#timer);
      window.removeEventListener('focus', this.#look);
      this.#isWatched = false;
      this.#moments = [];
    };
  });

  /** The current time, or an earlier one since which no reader would show anything else. */
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
      this.#wait();
    }
    return isAhead;
  }

  #next = () => Math.min(nextDay(this.#now), ...this.#moments);
  #isOver = () => Date.now() >= this.#next() || Date.now() < this.#now;

  #wait() {
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#next() - Date.now());
    this.#timer = setTimeout(this.#look, Math.min(left, LOOK_MS));
  }

  #look = () => {
    if (this.#isOver()) {
      this.#now = Date.now();
      this.#moments = this.#moments.filter((moment) => moment > this.#now);
      this.#tell();
    }
    this.#wait();
  };
}
