import type { TimelineItem } from '../ipc';
import { formatFull } from './format-time';
import { text } from './text';

/** What a screen reader says of a message: author, text, time, state. `deleted` may come before the server has it. */
export function messageLabel(item: TimelineItem, deleted: boolean): string {
  const { state } = item.delivery;
  return [
    item.sender,
    deleted ? text.deleted : item.body,
    formatFull(item.sentAt),
    item.edited && !deleted ? text.edited : '',
    state === 'waiting' ? text.waiting : state === 'refused' ? text.refused : '',
  ]
    .filter(Boolean)
    .join(', ');
}
