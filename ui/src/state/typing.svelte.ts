import { periods, type ConversationId, type UserId } from '../ipc';

/** Which users are typing in which conversations. */
export class Typing {
  /** One entry per conversation and user, with the time at which it expires. */
  #entries = $state.raw<{ conversation: ConversationId; user: UserId; until: number }[]>([]);

  /** Handles a notification that a user is typing. It repeats every few seconds while they do. */
  receive(conversation: ConversationId, user: UserId) {
    const until = performance.now() + periods.typingShown;
    const isOther = (entry: { conversation: string; user: string }) =>
      entry.conversation !== conversation || entry.user !== user;
    this.#entries = [...this.#entries.filter(isOther), { conversation, user, until }];
    setTimeout(() => {
      this.#entries = this.#entries.filter((entry) => entry.until > performance.now());
    }, periods.typingShown + 50);
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
