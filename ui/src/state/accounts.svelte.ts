import type { AccountTile, ShellIpc } from '../ipc';

/** The rail is read again at most this often: what it shows of the others can wait. */
const EVERY_MS = 1000;

/** Every account on this computer, for the rail. */
export class Accounts {
  tiles = $state.raw<AccountTile[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private ipc: Pick<ShellIpc, 'accounts'>) {}

  async load() {
    this.tiles = await this.ipc.accounts();
  }

  /** Reads them soon, unless there is one and nothing to show. */
  refresh() {
    if (this.tiles.length < 2) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.load().catch(() => undefined);
    }, EVERY_MS);
  }
}
