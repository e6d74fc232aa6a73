import { SvelteMap } from 'svelte/reactivity';
import type { Ipc, PersonNow, PersonStatus, UserId } from '../ipc';
import { InSight } from '../lib/in-sight';
import type { Clock } from './clock.svelte';

/** Number of people of whom is known what they are doing, as many as a server tells. */
const WATCHED = 200;
/** Time until somebody who comes into sight is asked about, and between two questions, in milliseconds. */
const SOON_MS = 250;
const PACE_MS = 2000;

/**
 * What the people are doing who are in sight. Nobody else is asked about, however many there are, and however often a
 * server says that something changed.
 */
export class Presence {
  #known = new SvelteMap<UserId, PersonNow>();
  #inSight = new InSight<UserId>(() => this.#soon());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = -Infinity;
  /** The people who were asked about last. */
  #asked: UserId[] = [];

  constructor(
    private ipc: Ipc,
    private clock: Clock,
  ) {}

  /** Returns what somebody is doing, as far as it is known. */
  of(person: UserId | null): PersonNow | null {
    return person === null ? null : (this.#known.get(person) ?? null);
  }

  /** Returns somebody's status while it has not ended. */
  statusOf(person: UserId | null): PersonStatus | null {
    const status = this.of(person)?.status ?? null;
    const until = status?.until ?? null;
    return until === null || this.clock.isAhead(until) ? status : null;
  }

  /** Returns an attachment for an element that shows somebody: they are followed while it is in sight. */
  follow = (person: UserId | null) => (element: Element) =>
    person === null ? undefined : this.#inSight.follow(element, person);

  /** Reads again what the people in sight are doing. */
  read() {
    this.#asked = [];
    this.#soon();
  }

  #soon() {
    if (this.#timer !== undefined) return;
    const wait = Math.max(SOON_MS, this.#readAt + PACE_MS - performance.now());
    this.#timer = setTimeout(() => void this.#ask(), wait);
  }

  async #ask() {
    this.#timer = undefined;
    const people = this.#inSight.all(WATCHED).sort();
    const isSame =
      people.length === this.#asked.length && people.every((one, at) => one === this.#asked[at]);
    if (isSame) return;
    [this.#asked, this.#readAt] = [people, performance.now()];
    // A failure is shown where it matters; here, less is known.
    const found = (await this.ipc.peopleNow(people).catch(() => [])) ?? [];
    for (const person of found) this.#known.set(person.id, person);
    const isGone = (id: UserId) => !found.some((person) => person.id === id);
    for (const id of [...this.#known.keys()].filter(isGone)) this.#known.delete(id);
  }
}
