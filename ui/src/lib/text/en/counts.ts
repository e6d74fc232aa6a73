import { count, formatNumber } from '../numbers';

/** Returns "3 messages". */
export const messages = (n: number) => count(n, { one: 'message', other: 'messages' });

/** Returns "3 unread messages". */
export const unreadMessages = (n: number) =>
  count(n, { one: 'unread message', other: 'unread messages' });

/** Returns "3 mentions". */
export const mentions = (n: number) => count(n, { one: 'mention', other: 'mentions' });

/** Returns "3 for you". */
export const forYouCount = (n: number) => `${formatNumber(n)} for you`;
