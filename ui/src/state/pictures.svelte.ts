import { SvelteMap } from 'svelte/reactivity';
import { pictureAddress, type AccountId, type Ipc, type UserId } from '../ipc';
import { Together } from '../lib/together';

/** Number of people asked for at once. */
const AT_ONCE = 500;

/** A person's picture: its address, null while there is none on this computer, and whether one is on its way. */
type Known = { address: string | null; isComing: boolean };

/** The pictures of the people who are on the screen. They come after everything else, and in place of the initials. */
export class Pictures {
  #known = new SvelteMap<UserId, Known>();
  #asking = new Together<UserId>((people) => this.#read(people), AT_ONCE);

  constructor(
    private ipc: Ipc,
    private account: () => AccountId | null,
  ) {}

  /** Returns the address of a person's picture, or null if there is none yet. Follows what becomes known later. */
  of(person: UserId | null): string | null {
    if (person === null) return null;
    const known = this.#known.get(person);
    if (!known) this.#asking.add([person]);
    return known?.address ?? null;
  }

  /** Reads again which picture everybody has who is known. */
  readAll() {
    this.#asking.add(this.#known.keys());
  }

  /** Reads again whether the pictures that were on their way have arrived. */
  readComing() {
    const coming = [...this.#known].filter(([, known]) => known.isComing);
    this.#asking.add(coming.map(([person]) => person));
  }

  async #read(people: UserId[]) {
    const account = this.account();
    // Without an answer the initials stay, and whoever is shown next is asked for again.
    const found = account === null ? null : await this.ipc.pictures(people).catch(() => null);
    if (account === null || !found) return;
    for (const person of people) {
      const one = found.find((pictured) => pictured.person === person);
      const isComing = one !== undefined && !one.isHere;
      // The one before stays until the new one is here.
      const before = this.#known.get(person)?.address ?? null;
      const address = one?.isHere ? pictureAddress(account, one.picture) : null;
      this.#known.set(person, { address: isComing ? before : address, isComing });
    }
  }
}
