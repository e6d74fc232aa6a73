import type { Ipc } from '../ipc';
import type { Lead } from '../lib/lead';

/** Where links lead: at once, or, where they do not say that, once somebody has read it. */
export class Links {
  /** Where one leads that is asked about. */
  asked = $state.raw<Lead | null>(null);

  /** `ask` shows the question. */
  constructor(
    private ipc: Pick<Ipc, 'openLink'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private ask: () => void,
  ) {}

  /** Opens a link outside of the window; asks first if its words do not say where it leads. */
  follow(lead: Lead) {
    if (lead.doubt) {
      this.asked = lead;
      this.ask();
    } else void this.attempt(() => this.ipc.openLink(lead.url));
  }

  /** Opens the one that was asked about. */
  async followAsked() {
    const { asked } = this;
    this.asked = null;
    if (asked) await this.attempt(() => this.ipc.openLink(asked.url));
  }
}
