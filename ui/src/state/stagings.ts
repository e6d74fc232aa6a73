import type { ConversationId } from '../ipc';
import { Staged } from './staged.svelte';

/** The files that wait to be sent, by conversation. They are created when a conversation is shown first. */
export class Stagings {
  #known = new Map<ConversationId, Staged>();

  constructor(private make: (conversation: ConversationId) => Staged) {}

  of(conversation: ConversationId): Staged {
    const known = this.#known.get(conversation) ?? this.make(conversation);
    this.#known.set(conversation, known);
    return known;
  }

  /** Returns those with files. */
  used = (): Staged[] => [...this.#known.values()].filter((staged) => !staged.isEmpty);
}
