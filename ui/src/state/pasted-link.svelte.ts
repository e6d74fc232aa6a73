import { Failure, type Ipc, type LinkPreview } from '../ipc';
import { isLink } from '../lib/invitation';
import { sentenceOf } from './sentence';

/** The link in the field for the server of the form with which a user signs in, and what it leads to. */
export class PastedLink {
  /** What was typed or pasted: an address or a link. */
  value = $state('');
  /** The description of the link; null if there is none. */
  preview = $state.raw<LinkPreview | null>(null);
  /** Why the link cannot be used; '' if it can. */
  failure = $state('');
  /** The address to which the server redirects. */
  target = $state<string | null>(null);
  /** The link that was last looked up. */
  #asked = '';

  constructor(
    readonly ipc: Pick<Ipc, 'previewLink'>,
    value: string,
  ) {
    this.value = value;
  }

  /** Asks the server of the link what it leads to, once for each link. */
  async look() {
    const link = this.value;
    if (!isLink(link) || link === this.#asked) return;
    this.#asked = link;
    try {
      const found = await this.ipc.previewLink(link);
      if (this.value === link) [this.preview, this.failure] = [found, ''];
    } catch (error) {
      if (this.value !== link) return;
      this.failure = sentenceOf(error);
      if (error instanceof Failure) this.target = error.target;
    }
  }

  /** Empties the field. */
  forget() {
    [this.preview, this.value, this.failure, this.#asked] = [null, '', '', ''];
  }
}
