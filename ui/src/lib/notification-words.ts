import type { NotificationWords } from '../ipc';
import { text } from './text';

/** The number up to which messages and conversations are counted in a notification. */
const MOST = 99;

/** Returns the words of desktop notifications, which the program shows outside of the window. */
export function notificationWords(): NotificationWords {
  const upTo = (one: (n: { n: number }) => string) =>
    Array.from({ length: MOST }, (_, at) => one({ n: at + 1 }));
  return {
    ...text.notification,
    messages: [...upTo(text.missedMessages), text.moreMessages({ n: MOST })],
    conversations: [...upTo(text.missedConversations), text.moreConversations({ n: MOST })],
  };
}
