import type { DesktopTexts } from '../ipc';
import { text } from './text';

/** Largest number of messages or conversations that is shown outside of the window. */
const MAX_COUNT = 99;

/** Returns the texts of notifications and of the tray, which the program shows outside of the window. */
export function getDesktopTexts(): DesktopTexts {
  const forCounts = (format: (n: { n: number }) => string) =>
    Array.from({ length: MAX_COUNT }, (_, index) => format({ n: index + 1 }));
  return {
    ...text.notification,
    ...text.tray,
    ...text.pauseOptions,
    unread: [...forCounts(text.trayUnread), text.trayMoreUnread({ n: MAX_COUNT })],
    mentions: [...forCounts(text.trayMentions), text.trayMoreMentions({ n: MAX_COUNT })],
    messages: [...forCounts(text.missedMessages), text.moreMessages({ n: MAX_COUNT })],
    conversations: [
      ...forCounts(text.missedConversations),
      text.moreConversations({ n: MAX_COUNT }),
    ],
  };
}
