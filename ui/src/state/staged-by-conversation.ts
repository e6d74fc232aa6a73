import type { ConversationId } from '../ipc';
import { StagedFiles } from './staged-files.svelte';

/** The staged files of each conversation. They are created when a conversation is first shown. */
export class StagedByConversation {
  #known = new Map<ConversationId, StagedFiles>();

  constructor(private create: (conversation: ConversationId) => StagedFiles) {}

  of(conversation: ConversationId): StagedFiles {
    const known = this.#known.get(conversation) ?? this.create(conversation);
    this.#known.set(conversation, known);
    return known;
  }

  /** Returns all that are not empty. */
  nonEmpty = (): StagedFiles[] => [...this.#known.values()].filter((staged) => !staged.isEmpty);
}
