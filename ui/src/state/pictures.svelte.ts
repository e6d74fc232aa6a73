import { SvelteMap } from 'svelte/reactivity';
import { pictureAddress, type AccountId, type Ipc, type UserId } from '../ipc';
import { Batch } from '../lib/batch';

/** Maximum number of people in one request. */
const BATCH_SIZE = 500;

/** The address of a person's picture, null if it is not on this computer, and whether it is being fetched. */
type PictureState = { address: string | null; isFetching: boolean };

/** The pictures of visible people. They are loaded after everything else; until then initials are shown. */
export class Pictures {
  #known = new SvelteMap<UserId, PictureState>();
  #requests = new Batch<UserId>((people) => this.#read(people), BATCH_SIZE);

  constructor(
    private ipc: Ipc,
    private account: () => AccountId | null,
  ) {}

  /** Returns the address of a person's picture, or null if there is none yet. Reactive: changes when it arrives. */
  of(person: UserId | null): string | null {
    if (person === null) return null;
    const known = this.#known.get(person);
    if (!known) this.#requests.add([person]);
    return known?.address ?? null;
  }

  /** Requests all pictures again that were requested before. */
  reloadAll() {
    this.#requests.add(this.#known.keys());
  }

  /** Requests the pictures again that were being fetched. */
  reloadFetching() {
    const fetching = [...this.#known].filter(([, known]) => known.isFetching);
    this.#requests.add(fetching.map(([person]) => person));
  }

  async #read(people: UserId[]) {
    const account = this.account();
    // After a failure the initials stay; the next request tries again.
    const found = account === null ? null : await this.ipc.pictures(people).catch(() => null);
    if (account === null || !found) return;
    for (const person of people) {
      const picture = found.find((pictured) => pictured.person === person);
      const isFetching = picture !== undefined && !picture.isHere;
      // The previous picture stays until the new one is available.
      const before = this.#known.get(person)?.address ?? null;
      const address = picture?.isHere ? pictureAddress(account, picture.picture) : null;
      this.#known.set(person, { address: isFetching ? before : address, isFetching });
    }
  }
}
