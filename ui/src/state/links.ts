import type { Ipc } from '../ipc';
import type { Lead } from '../lib/lead';
import { text } from '../lib/text';
import type { Question } from './question';

/** Where links lead: at once, or, where they do not say that, once somebody has read it. */
export class Links {
  constructor(
    private ipc: Pick<Ipc, 'openLink'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private ask: (question: Question) => void,
  ) {}

  /** Opens a link outside of the window; asks first if its words do not say where it leads. */
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
