import type { Ipc } from '../ipc';
import type { Lead } from '../lib/lead';
import { text } from '../lib/text';
import type { Question } from './question';

/** Opens links: at once, or after a question if a link does not say where it leads. */
export class Links {
  constructor(
    private ipc: Pick<Ipc, 'openLink'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private ask: (question: Question) => void,
  ) {}

  /** Opens a link outside of the window. Asks first if its text does not say where it leads. */
  follow({ url, to, address, doubt }: Lead) {
    const act = () => void this.attempt(() => this.ipc.openLink(url));
    if (doubt === null) return act();
    this.ask({
      title: text.linkTitle({ host: to }),
      what: text.linkWhat[doubt],
      about: address,
      no: text.cancel,
      yes: text.linkOpen,
      act,
    });
  }
}
