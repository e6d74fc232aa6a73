import type { ConversationId, UserId } from '../ipc';

/** Whoever was heard writing is taken to write for so long. */
const TYPING_MS = 5000;

/** Who writes where. */
export class Typing {
  /** And until when that is believed. */
  #heard = $state.raw<{ conversation: ConversationId; user: UserId; until: number }[]>([]);

  /** Notes that somebody writes; it is said every few seconds while they do. */
  heard(conversation: ConversationId, user: UserId) {
    const until = performance.now() + TYPING_MS;
    const isOther = (one: { conversation: string; user: string }) =>
      one.conversation !== conversation || one.user !== user;
    this.#heard = [...this.#heard.filter(isOther), { conversation, user, until }];
    setTimeout(() => {
      this.#heard = this.#heard.filter((one) => one.until > performance.now());
    }, TYPING_MS + 50);
  }

  /** Whoever was writing there has said it. */
  said(conversations: ConversationId[]) {
    this.#heard = this.#heard.filter((one) => !conversations.includes(one.conversation));
  }

  in(conversation: ConversationId): UserId[] {
    return this.#heard.filter((one) => one.conversation === conversation).map((one) => one.user);
  }
}
