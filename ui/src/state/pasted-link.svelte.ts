import { Failure, type Ipc, type LinkPreview } from '../ipc';
import { isLink } from '../lib/invitation';
import { sentenceOf } from './sentence';

/** The link in the server field of the sign-in form, and its preview. */
export class PastedLink {
  /** The content of the field: an address or a link. */
  value = $state('');
  /** The description of the link; null if there is none. */
  preview = $state.raw<LinkPreview | null>(null);
  /** Why the link cannot be used; '' if it can. */
  failure = $state('');
  /** The address to which the server redirects. */
  target = $state<string | null>(null);
  /** The link whose preview was requested last. */
  #requested = '';

  constructor(
    readonly ipc: Pick<Ipc, 'previewLink'>,
    value: string,
  ) {
    this.value = value;
  }

  /** Requests the preview from the server, once per link. */
  async loadPreview() {
    const link = this.value;
    if (!isLink(link) || link === this.#requested) return;
    this.#requested = link;
    try {
      const found = await this.ipc.previewLink(link);
      if (this.value === link) [this.preview, this.failure] = [found, ''];
    } catch (error) {
      if (this.value !== link) return;
      this.failure = sentenceOf(error);
      if (error instanceof Failure) this.target = error.target;
    }
  }

  /** Clears the field. */
  clear() {
    [this.preview, this.value, this.failure, this.#requested] = [null, '', '', ''];
  }
}
