import type { ConversationId, UserId } from '../ipc';

/** Time for which a user counts as typing after each notification, in milliseconds. */
const TYPING_MS = 5000;

/** Which users are typing in which conversations. */
export class Typing {
  /** One entry per conversation and user, with the time at which it expires. */
  #entries = $state.raw<{ conversation: ConversationId; user: UserId; until: number }[]>([]);

  /** Handles a notification that a user is typing. It repeats every few seconds while they do. */
  receive(conversation: ConversationId, user: UserId) {
    const until = performance.now() + TYPING_MS;
    const isOther = (entry: { conversation: string; user: string }) =>
      entry.conversation !== conversation || entry.user !== user;
    this.#entries = [...this.#entries.filter(isOther), { conversation, user, until }];
    setTimeout(() => {
      this.#entries = this.#entries.filter((entry) => entry.until > performance.now());
    }, TYPING_MS + 50);
  }

  /** Removes the users who were typing in these conversations, because a message arrived there. */
  stop(conversations: ConversationId[]) {
    this.#entries = this.#entries.filter((entry) => !conversations.includes(entry.conversation));
  }

  /** Returns the users who are typing in a conversation. */
  in(conversation: ConversationId): UserId[] {
    return this.#entries
      .filter((entry) => entry.conversation === conversation)
      .map((entry) => entry.user);
  }
}
