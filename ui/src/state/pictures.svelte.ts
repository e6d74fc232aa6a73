import { SvelteMap } from 'svelte/reactivity';
import { pictureAddress, type AccountId, type Ipc, type UserId } from '../ipc';
import { Together } from '../lib/together';

/** Maximum number of people in one request. */
const AT_ONCE = 500;

/** A person's picture: its address, or null if it is not on this computer; and whether it is being fetched. */
type Known = { address: string | null; isComing: boolean };

/** The pictures of visible people. They are loaded after everything else; until then initials are shown. */
export class Pictures {
  #known = new SvelteMap<UserId, Known>();
  #asking = new Together<UserId>((people) => this.#read(people), AT_ONCE);

  constructor(
    private ipc: Ipc,
    private account: () => AccountId | null,
  ) {}

  /** Returns the address of a person's picture, or null if there is none yet. Reactive: changes when it arrives. */
  of(person: UserId | null): string | null {
    if (person === null) return null;
    const known = this.#known.get(person);
    if (!known) this.#asking.add([person]);
    return known?.address ?? null;
  }

  /** Requests the pictures of all people again who were requested before. */
  readAll() {
    this.#asking.add(this.#known.keys());
  }

  /** Requests those pictures again that were being fetched. */
  readComing() {
    const coming = [...this.#known].filter(([, known]) => known.isComing);
    this.#asking.add(coming.map(([person]) => person));
  }

  async #read(people: UserId[]) {
    const account = this.account();
    // After a failure the initials stay; the next people to be shown cause another request.
    const found = account === null ? null : await this.ipc.pictures(people).catch(() => null);
    if (account === null || !found) return;
    for (const person of people) {
      const one = found.find((pictured) => pictured.person === person);
      const isComing = one !== undefined && !one.isHere;
      // The previous picture stays until the new one is available.
      const before = this.#known.get(person)?.address ?? null;
      const address = one?.isHere ? pictureAddress(account, one.picture) : null;
      this.#known.set(person, { address: isComing ? before : address, isComing });
    }
  }
}
