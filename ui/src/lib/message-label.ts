import type { TimelineItem } from '../ipc';
import { filesSummary } from './files';
import { text } from './text';

/**
 * Returns the text that a screen reader reads out for a message: author, text, files, time (`sentAt`, formatted),
 * state. `deleted` is also true for a message whose deletion is pending.
 */
export function messageLabel(item: TimelineItem, sentAt: string, deleted: boolean): string {
  const { state } = item.delivery;
  return [
    item.sender,
    deleted ? text.deleted : item.body,
    deleted ? '' : filesSummary(item.files),
    sentAt,
    item.edited && !deleted ? text.edited : '',
    item.pinned && !deleted ? text.pinned : '',
    state === 'waiting' ? text.waiting : state === 'refused' ? text.refused : '',
  ]
    .filter(Boolean)
    .join(', ');
}
