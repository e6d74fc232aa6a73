import type { Action, TimelineItem } from '../../ipc';
import type { IconName } from '../shared/Icon.svelte';
import { createMessageLink } from '../../lib/message-link';
import type { MessageKey } from '../../lib/shortcuts';
import { text } from '../../lib/text';
import type { AppState } from '../../state/app.svelte';

/**
 * An action on a message. `key` performs it while the message has the focus, and is listed with the shortcuts.
 */
export type Tool = { name: string; icon: IconName; key: MessageKey; act: () => void; on?: boolean };

/** Returns the actions that are possible on a message. `pickReaction` opens the emoji picker. */
export function toolsOf(app: AppState, item: TimelineItem, pickReaction: () => void): Tool[] {
  const { ipc } = app;
  const { id, own, pinned, saved } = item;
  const conversation = app.timeline!.conversationId;
  // Some actions are not possible on a message that the server does not have yet.
  const isOnServer = item.seq !== null;
  const canDelete = own || (app.current?.role ?? 'member') !== 'member';
  const attempt = (act: () => Promise<unknown>) => () => void app.attempt(act);
  const copy = (content: () => string, notice: string) =>
    attempt(async () => {
      await navigator.clipboard.writeText(content());
      app.toast = notice;
    });
  const link = () => createMessageLink(app.account?.server ?? '', id);
  const edit = () => (app.editing = item);
  const reply = () => (app.replying = item);
  const remove = () => app.removal.delete([item]);
  const act = (action: Action) => attempt(() => ipc.act(conversation, action));
  const pin = act({ type: 'pinMessage', messageId: id, on: !pinned });
  const save = act({ type: 'save', messageId: id, on: !saved });
  const markUnread = attempt(() => app.markUnread(item.seq!));
  const tools: (Tool | false)[] = [
    isOnServer && { name: text.react, icon: 'smile', key: '+', act: pickReaction },
    { name: text.reply, icon: 'reply', key: 'R', act: reply },
    own && { name: text.edit, icon: 'edit', key: 'E', act: edit },
    item.body !== '' && {
      name: text.copy,
      icon: 'copy',
      key: 'C',
      act: copy(() => item.body, text.copied),
    },
    isOnServer && {
      name: pinned ? text.unpin : text.pin,
      icon: 'pin',
      key: 'P',
      act: pin,
      on: pinned,
    },
    isOnServer && {
      name: saved ? text.unsave : text.saveForLater,
      icon: 'bookmark',
      key: 'S',
      act: save,
      on: saved,
    },
    isOnServer && { name: text.markUnreadFrom, icon: 'unread', key: 'U', act: markUnread },
    // Only the text is forwarded, so a message without text cannot be.
    item.body !== '' && {
      name: text.forward,
      icon: 'forward',
      key: 'F',
      act: () => app.forward([item]),
    },
    isOnServer && { name: text.copyLink, icon: 'link', key: 'L', act: copy(link, text.linkCopied) },
    { name: text.select, icon: 'check', key: 'X', act: () => app.selection.toggle(id) },
    canDelete && { name: text.remove, icon: 'delete', key: 'Delete', act: remove },
  ];
  return tools.filter((tool) => tool !== false);
}
