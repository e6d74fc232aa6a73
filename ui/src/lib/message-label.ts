import type { TimelineItem } from '../ipc';
import { text } from './text';

/** What a screen reader says of a message: author, text, time (`sentAt`, in words), state. It may be about to be `deleted`. */
export function messageLabel(item: TimelineItem, sentAt: string, deleted: boolean): string {
  const { state } = item.delivery;
  return [
    item.sender,
    deleted ? text.deleted : item.body,
    sentAt,
    item.edited && !deleted ? text.edited : '',
    state === 'waiting' ? text.waiting : state === 'refused' ? text.refused : '',
  ]
    .filter(Boolean)
    .join(', ');
}
