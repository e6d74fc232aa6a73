import type { TimelineItem } from '../ipc';
import { lineOf } from './files';
import { text } from './text';

/**
 * Returns the text that a screen reader reads out for a message: author, text, files, time (`sentAt`, in words), state.
 * `deleted` is also true for a message whose deletion still waits.
 */
export function messageLabel(item: TimelineItem, sentAt: string, deleted: boolean): string {
  const { state } = item.delivery;
  return [
    item.sender,
    deleted ? text.deleted : item.body,
    deleted ? '' : lineOf(item.files),
    sentAt,
    item.edited && !deleted ? text.edited : '',
    item.pinned && !deleted ? text.pinned : '',
    state === 'waiting' ? text.waiting : state === 'refused' ? text.refused : '',
  ]
    .filter(Boolean)
    .join(', ');
}
