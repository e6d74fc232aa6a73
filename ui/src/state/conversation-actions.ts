import type { Action, ConversationSummary } from '../ipc';
import type { MenuEntry } from '../lib/menu';
import { MUTE_TIMES, muteUntil } from '../lib/mute';
import { text } from '../lib/text';
import type { AppState } from './app.svelte';

/** Returns the actions that the user can take on a conversation. */
export function conversationActions(app: AppState, conversation: ConversationSummary): MenuEntry[] {
  const { id, title, pinnedAt, markedUnread, hidden, archived, mutedUntil, kind, role } =
    conversation;
  const entry = (name: string, act: () => Promise<unknown>): MenuEntry => ({
    name,
    act: () => void app.attempt(act),
  });
  const act = (action: Action) => app.ipc.act(id, action);
  const isOpen = app.timeline?.conversationId === id;
  const canManage = kind === 'group' && role !== 'member';
  const mute = app.clock.isAhead(mutedUntil)
    ? [entry(text.unmute, () => act({ type: 'mute', until: null }))]
    : MUTE_TIMES.map((name) =>
        entry(text.mute[name], () => act({ type: 'mute', until: muteUntil(name, Date.now()) })),
      );
  const archive = entry(archived ? text.unarchive : text.archive, () =>
    act({ type: 'archive', on: !archived }),
  );
  return [
    ...(isOpen ? [{ name: text.jumpToDate, act: () => (app.dialog = 'day') }] : []),
    entry(pinnedAt === null ? text.pinConversation : text.unpinConversation, () =>
      act({ type: 'pin', on: pinnedAt === null }),
    ),
    ...mute,
    entry(text.notifyHere, async () => {
      if (!isOpen) await app.open(id);
      app.dialog = 'levels';
    }),
    entry(markedUnread ? text.unmarkUnread : text.markUnread, () =>
      act({ type: 'markUnread', on: !markedUnread }),
    ),
    entry(hidden ? text.unhide : text.hide, () => act({ type: 'hide', on: !hidden })),
    {
      name: text.exportMore,
      act: () => app.exports.open({ of: 'conversation', id, title }),
    },
    ...(canManage ? [archive] : []),
  ];
}
