import type { NotificationWords } from '../ipc';
import { text } from './text';

/** Largest number of messages or conversations that is shown outside of the window. */
const MAX_COUNT = 99;

/** Returns the words of notifications and of the tray, which the program shows outside of the window. */
export function notificationWords(): NotificationWords {
  const forCounts = (format: (n: { n: number }) => string) =>
    Array.from({ length: MAX_COUNT }, (_, index) => format({ n: index + 1 }));
  return {
    ...text.notification,
    ...text.tray,
    ...text.pauses,
    unread: [...forCounts(text.trayUnread), text.trayMoreUnread({ n: MAX_COUNT })],
    forYou: [...forCounts(text.trayForYou), text.trayMoreForYou({ n: MAX_COUNT })],
    messages: [...forCounts(text.missedMessages), text.moreMessages({ n: MAX_COUNT })],
    conversations: [
      ...forCounts(text.missedConversations),
      text.moreConversations({ n: MAX_COUNT }),
    ],
  };
}
