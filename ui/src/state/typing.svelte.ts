import type { ConversationId, UserId } from '../ipc';

/** Time for which a user counts as typing after each notification, in milliseconds. */
const TYPING_MS = 5000;

/** Which users are typing in which conversations. */
export class Typing {
  /** One entry per conversation and user, with the time until which it holds. */
  #heard = $state.raw<{ conversation: ConversationId; user: UserId; until: number }[]>([]);

  /** Notes that a user is typing. The notification repeats every few seconds while they do. */
  heard(conversation: ConversationId, user: UserId) {
    const until = performance.now() + TYPING_MS;
    const isOther = (one: { conversation: string; user: string }) =>
      one.conversation !== conversation || one.user !== user;
    this.#heard = [...this.#heard.filter(isOther), { conversation, user, until }];
    setTimeout(() => {
      this.#heard = this.#heard.filter((one) => one.until > performance.now());
    }, TYPING_MS + 50);
  }

  /** Removes the users who were typing in these conversations, because a message arrived there. */
  said(conversations: ConversationId[]) {
    this.#heard = this.#heard.filter((one) => !conversations.includes(one.conversation));
  }

  in(conversation: ConversationId): UserId[] {
    return this.#heard.filter((one) => one.conversation === conversation).map((one) => one.user);
  }
}
