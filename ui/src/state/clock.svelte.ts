import { createSubscriber } from 'svelte/reactivity';
import { nextDay } from '../lib/format-time';

/** It is looked at least this often: a machine that slept, or whose clock was set, fires its timers late. */
const LOOK_MS = 30_000;

/**
 * The time, for what is shown of it. What reads it is shown anew when that would say something else: at midnight,
 * and at each moment that was asked about. Nothing ticks while nobody reads it.
 */
export class Clock {
  #now = Date.now();
  #isWatched = false;
  /** What is asked about and has not come. */
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

  /** Now, or a moment since which nothing is shown otherwise. */
  get now(): number {
    this.#watch();
    return this.#isWatched ? this.#now : Date.now();
  }

  /** Whether a moment is still to come. */
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
