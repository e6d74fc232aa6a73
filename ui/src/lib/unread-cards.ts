import type { ConversationSummary } from '../ipc';

/** Number of messages that an open card shows at first. */
export const INITIAL_MESSAGES = 5;
/** Number of lines that fill the screen. */
const SCREEN_LINES = 14;

const isExcluded = (row: ConversationSummary) => row.left || row.hidden;
/** Whether a conversation has unread messages that the user is to read. */
export const isToRead = (row: ConversationSummary, isMuted: boolean) =>
  row.unread > 0 && !isMuted && !isExcluded(row);

/**
 * Returns the conversations to read in reading order: direct messages and those that mention the user first, then the
 * others, each sorted by time, newest first or with `oldestFirst` oldest first.
 */
export function readingOrder(
  rows: ConversationSummary[],
  oldestFirst: boolean,
): ConversationSummary[] {
  const rank = (row: ConversationSummary) => (row.kind === 'p2p' || row.mentions > 0 ? 0 : 1);
  const time = (a: ConversationSummary, b: ConversationSummary) =>
    oldestFirst ? a.activeAt - b.activeAt : b.activeAt - a.activeAt;
  return rows.toSorted((a, b) => rank(a) - rank(b) || time(a, b));
}

/**
 * Returns the conversations to read in the order of the start, with later ones at the end. `current` is included even
 * if it is read by now, provided it was there at the start.
 */
export function mergeInOriginalOrder(
  order: readonly string[],
  rows: ConversationSummary[],
  current?: ConversationSummary,
): ConversationSummary[] {
  const byId = new Map([...(current ? [current] : []), ...rows].map((row) => [row.id, row]));
  const original = new Set(order);
  return [
    ...order.flatMap((id) => byId.get(id) ?? []),
    ...rows.filter(({ id }) => !original.has(id)),
  ];
}

/** Returns the ids of the cards that are open initially: as many as fill the screen. */
export function initiallyOpenIds(rows: ConversationSummary[]): string[] {
  const open: string[] = [];
  let lines = 0;
  for (const row of rows) {
    // A card has a heading in addition to its messages.
    lines += Math.min(row.unread, INITIAL_MESSAGES) + 2;
    if (open.length > 0 && lines > SCREEN_LINES) break;
    open.push(row.id);
  }
  return open;
}
