import type { Ipc } from '../ipc';
import type { CheckedLink } from '../lib/link-check';
import { text } from '../lib/text';
import type { Confirmation } from './confirmation';

/** Opens links, after confirmation if a link is misleading. */
export class Links {
  constructor(
    private ipc: Pick<Ipc, 'openLink'>,
    private attempt: (work: () => Promise<unknown>) => Promise<unknown>,
    private confirm: (confirmation: Confirmation) => void,
  ) {}

  /** Opens a link in the browser. Asks first if it is misleading. */
  open({ url, to, address, warning }: CheckedLink) {
    const act = () => void this.attempt(() => this.ipc.openLink(url));
    if (warning === null) return act();
    this.confirm({
      title: text.linkTitle({ host: to }),
      details: text.linkDetails[warning],
      subject: address,
      cancelLabel: text.cancel,
      confirmLabel: text.linkOpen,
      act,
    });
  }
}
