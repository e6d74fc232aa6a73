import { count } from '../numbers';

/** Returns "3 messages". */
export const messages = (n: number) => count(n, { one: 'message', other: 'messages' });

/** Returns "3 unread messages". */
export const unreadMessages = (n: number) =>
  count(n, { one: 'unread message', other: 'unread messages' });
