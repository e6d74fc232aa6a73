import type { ConversationSummary } from '../ipc';

/** Number of messages of which an open card shows so many at first, and that fill a screen together. */
export const AT_FIRST = 5;
const SCREEN = 14;

const isLeftOut = (row: ConversationSummary) => row.left || row.hidden;
/** Whether a conversation has unread messages that the user is to read. */
export const shouldRead = (row: ConversationSummary, isMuted: boolean) =>
  row.unread > 0 && !isMuted && !isLeftOut(row);

/**
 * Returns the conversations to read in the order in which they are read: direct messages and those that mention the
 * user first, then the others; among each other as in the list, or with `oldest` the other way round.
 */
export function readingOrder(rows: ConversationSummary[], oldest: boolean): ConversationSummary[] {
  const rank = (row: ConversationSummary) => (row.kind === 'p2p' || row.mentions > 0 ? 0 : 1);
  const time = (a: ConversationSummary, b: ConversationSummary) =>
    oldest ? a.activeAt - b.activeAt : b.activeAt - a.activeAt;
  return rows.toSorted((a, b) => rank(a) - rank(b) || time(a, b));
}

/**
 * Returns the conversations to read in the order in which they were when reading began, with those that came since at
 * the end. `kept` is there in any case, if it was there then.
 */
export function mergeInOriginalOrder(
  order: readonly string[],
  rows: ConversationSummary[],
  kept?: ConversationSummary,
): ConversationSummary[] {
  const known = new Map([...(kept ? [kept] : []), ...rows].map((row) => [row.id, row]));
  const held = new Set(order);
  return [...order.flatMap((id) => known.get(id) ?? []), ...rows.filter(({ id }) => !held.has(id))];
}

/** Returns the ids of the cards that are open at first: as many as fill the screen. */
export function initiallyOpen(rows: ConversationSummary[]): string[] {
  const open: string[] = [];
  let lines = 0;
  for (const row of rows) {
    // A card has its heading besides its messages.
    lines += Math.min(row.unread, AT_FIRST) + 2;
    if (open.length > 0 && lines > SCREEN) break;
    open.push(row.id);
  }
  return open;
}
