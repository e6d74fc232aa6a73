import type { AccountTile, ShellIpc } from '../ipc';

/** Minimum time between two loads of the list, in milliseconds. Changes of the other accounts are not urgent. */
const MIN_INTERVAL_MS = 1000;

/** The accounts on this computer, for the rail. */
export class Accounts {
  tiles = $state.raw<AccountTile[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private ipc: Pick<ShellIpc, 'accounts'>) {}

  async load() {
    this.tiles = await this.ipc.accounts();
  }

  /** Loads the list soon, unless there is only one account and therefore nothing to show. */
  refresh() {
    if (this.tiles.length < 2) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.load().catch(() => undefined);
    }, MIN_INTERVAL_MS);
  }
}
