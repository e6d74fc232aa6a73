import { SvelteMap } from 'svelte/reactivity';
import { limits, type Ipc, type PersonPresence, type PersonStatus, type UserId } from '../ipc';
import { VisibleElements } from '../lib/visible-elements';
import type { Clock } from './clock.svelte';

/** Delay before people who became visible are requested, and minimum time between two requests, in milliseconds. */
const DELAY_MS = 250;
const MIN_INTERVAL_MS = 2000;

/**
 * The presence of the visible people. It is requested for nobody else, and at a limited rate.
 */
export class Presence {
  #known = new SvelteMap<UserId, PersonPresence>();
  #visible = new VisibleElements<UserId>(() => this.#schedule());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #requestedAt = -Infinity;
  /** The people of the last request. */
  #requested: UserId[] = [];

  constructor(
    private ipc: Ipc,
    private clock: Clock,
  ) {}

  /** Returns the presence of a person, if it is known. */
  of(person: UserId | null): PersonPresence | null {
    return person === null ? null : (this.#known.get(person) ?? null);
  }

  /** Returns a person's status if it has not expired. */
  statusOf(person: UserId | null): PersonStatus | null {
    const status = this.of(person)?.status ?? null;
    const until = status?.until ?? null;
    return until === null || this.clock.isAhead(until) ? status : null;
  }

  /** Returns an attachment for an element that shows a person, whose presence is requested while it is visible. */
  track = (person: UserId | null) => (element: Element) =>
    person === null ? undefined : this.#visible.track(element, person);

  /** Requests the presence of the visible people again. */
  refresh() {
    this.#requested = [];
    this.#schedule();
  }

  #schedule() {
    if (this.#timer !== undefined) return;
    const delay = Math.max(DELAY_MS, this.#requestedAt + MIN_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => void this.#request(), delay);
  }

  async #request() {
    this.#timer = undefined;
    const people = this.#visible.all(limits.watched).sort();
    const isSame =
      people.length === this.#requested.length &&
      people.every((id, index) => id === this.#requested[index]);
    if (isSame) return;
    [this.#requested, this.#requestedAt] = [people, performance.now()];
    // After a failure, the presence is unknown.
    const found = (await this.ipc.peoplePresence(people).catch(() => [])) ?? [];
    for (const person of found) this.#known.set(person.id, person);
    const isMissing = (id: UserId) => !found.some((person) => person.id === id);
    for (const id of [...this.#known.keys()].filter(isMissing)) this.#known.delete(id);
  }
}
