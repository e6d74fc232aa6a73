import type { NotificationWords } from '../ipc';
import { text } from './text';

/** How far messages and conversations are counted outside of the window. */
const MOST = 99;

/** Returns the words of notifications and of the tray, which the program shows outside of the window. */
export function notificationWords(): NotificationWords {
  const upTo = (one: (n: { n: number }) => string) =>
    Array.from({ length: MOST }, (_, at) => one({ n: at + 1 }));
  return {
    ...text.notification,
    ...text.tray,
    ...text.pauses,
    unread: [...upTo(text.trayUnread), text.trayMoreUnread({ n: MOST })],
    forYou: [...upTo(text.trayForYou), text.trayMoreForYou({ n: MOST })],
    messages: [...upTo(text.missedMessages), text.moreMessages({ n: MOST })],
    conversations: [...upTo(text.missedConversations), text.moreConversations({ n: MOST })],
  };
}
