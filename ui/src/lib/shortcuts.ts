/** The keyboard: one table, from which keys are read and the list of shortcuts is shown. */
import { isComposing } from './composing';

const TABLE = {
  jump: ['Ctrl+K', 'Jump to a person, a conversation or a command'],
  find: ['Ctrl+F', 'Search this conversation'],
  findEverywhere: ['Ctrl+Shift+F', 'Search everywhere'],
  previous: ['Alt+ArrowUp', 'Previous conversation'],
  next: ['Alt+ArrowDown', 'Next conversation'],
  previousUnread: ['Alt+Shift+ArrowUp', 'Previous unread conversation'],
  nextUnread: ['Alt+Shift+ArrowDown', 'Next unread conversation'],
  newMessage: ['Ctrl+N', 'New message'],
  newGroup: ['Ctrl+Shift+N', 'New group'],
  undo: ['Ctrl+Z', 'Take back what was just deleted'],
  settings: ['Ctrl+,', 'Settings'],
  lock: ['Ctrl+L', 'Lock'],
  shortcuts: ['Ctrl+/', 'This list'],
  zoomIn: ['Ctrl++', 'Larger text'],
  zoomOut: ['Ctrl+-', 'Smaller text'],
  zoomReset: ['Ctrl+0', 'Text of the usual size'],
  escape: ['Escape', 'Close; then mark as read'],
} as const;

export type Shortcut = keyof typeof TABLE;

/** Keys that the composer and the timeline read themselves. */
const LOCAL: [string, string][] = [
  ['Enter', 'Send, as set; in a code block, a new line'],
  ['Ctrl+Enter', 'Send'],
  ['Shift+Enter', 'New line'],
  ['ArrowUp', 'In an empty composer: edit your last message'],
  ['ArrowUp ArrowDown', 'In the timeline: move between messages'],
  ['E', 'On a message of yours: edit'],
  ['C', 'On a message: copy its text'],
  ['R', 'On a message: reply'],
  ['+', 'On a message: react'],
  ['P', 'On a message: pin or unpin'],
  ['S', 'On a message: save for later'],
  ['F', 'On a message: forward'],
  ['U', 'On a message: mark it and what follows as unread'],
  ['L', 'On a message: copy its link'],
  ['X', 'On a message: select; then on others'],
  ['Delete', 'On a message of yours: delete'],
];

const isMac = /mac/i.test(navigator.platform);

/** Signs that a shortcut is made of: on a layout that has them they are what is typed. */
const SIGNS = [',', '/', '+', '-', '='];
/** Where those stand that a layout of another script may not have. */
const PLACES: Record<string, string> = { Comma: ',', Slash: '/', Minus: '-', Equal: '=' };

/**
 * The key that is meant. A Latin letter is the one that is typed, wherever it stands; where the layout has
 * other letters (Cyrillic, Greek, Hebrew …) it is the one at that place. A digit is its place, since on
 * some layouts (AZERTY, Czech) it takes Shift to type one.
 */
export function keyOf(event: KeyboardEvent): string {
  const { key, code } = event;
  const typed = key === 'Dead' || key === 'Unidentified' ? '' : key;
  // Enter, ArrowUp: nobody's letters.
  if ([...typed].length > 1 || /^[0-9]$/.test(typed)) return typed;
  const digit = /^Digit([0-9])$/.exec(code)?.[1];
  // Bépo has plus, minus and slash there, AZERTY the minus. Czech has a plus on the 1, and an equals sign too.
  const isSign = SIGNS.includes(typed) && !(typed === '+' && digit === '1');
  if (digit && !event.shiftKey && !isSign) return digit;
  if (/[\x20-\x7e]|\p{Script=Latin}/u.test(typed)) return typed;
  const place = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
  return place ?? (typed === '' ? key : (PLACES[code] ?? typed));
}

/** Whether this key was pressed, whatever Caps Lock and the layout's script make of it. */
export function isKey(event: KeyboardEvent, key: string): boolean {
  const meant = keyOf(event);
  const isLetter = /^[a-z]$/i.test(meant);
  return isLetter ? !event.shiftKey && meant.toLowerCase() === key : meant === key;
}

/** Which shortcut a key press is, if it is one. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (isComposing(event)) return undefined;
  const ctrl = isMac ? event.metaKey : event.ctrlKey;
  const meant = keyOf(event);
  const typed = meant.length === 1 ? meant.toUpperCase() : meant;
  // Plus stands on the key of the equals sign, and is meant without Shift too.
  const key = ctrl && typed === '=' ? '+' : typed;
  // Shift changes what a punctuation key is, and is then part of it.
  const shift = event.shiftKey && /^([A-Z]|\w{2,})$/.test(key);
  const pressed = `${ctrl ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
  return (Object.keys(TABLE) as Shortcut[]).find((name) => TABLE[name][0] === pressed);
}

/** A key as it stands on the keyboard. */
export const keyName = (keys: string) =>
  keys
    .replaceAll('ArrowUp', '↑')
    .replaceAll('ArrowDown', '↓')
    .replace('Escape', 'Esc')
    .replace('Ctrl', isMac ? '⌘' : 'Ctrl');

/** Every shortcut with what it does. */
export const allShortcuts: [string, string][] = [
  ...Object.values(TABLE).map(([keys, what]): [string, string] => [keyName(keys), what]),
  ...LOCAL.map(([keys, what]): [string, string] => [keyName(keys), what]),
];
