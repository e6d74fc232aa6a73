/** The keyboard shortcuts: one table, from which keys are matched and the list of shortcuts is shown. */
import { isComposing } from './composing';
import { text } from './text';

const TABLE = {
  jump: 'Ctrl+K',
  find: 'Ctrl+F',
  findEverywhere: 'Ctrl+Shift+F',
  previous: 'Alt+ArrowUp',
  next: 'Alt+ArrowDown',
  previousUnread: 'Alt+Shift+ArrowUp',
  nextUnread: 'Alt+Shift+ArrowDown',
  newMessage: 'Ctrl+N',
  newGroup: 'Ctrl+Shift+N',
  attach: 'Ctrl+O',
  undo: 'Ctrl+Z',
  settings: 'Ctrl+,',
  status: 'Ctrl+Shift+Y',
  lock: 'Ctrl+L',
  shortcuts: 'Ctrl+/',
  zoomIn: 'Ctrl++',
  zoomOut: 'Ctrl+-',
  zoomReset: 'Ctrl+0',
  escape: 'Escape',
} as const;

export type Shortcut = keyof typeof TABLE;

/** Keys on the message that has the focus: each of its tools has one. */
const OF_MESSAGE = {
  edit: 'E',
  copy: 'C',
  reply: 'R',
  react: '+',
  pin: 'P',
  save: 'S',
  forward: 'F',
  markUnread: 'U',
  copyLink: 'L',
  select: 'X',
  delete: 'Delete',
} as const;

export type MessageKey = (typeof OF_MESSAGE)[keyof typeof OF_MESSAGE];

/** Keys that the composer and the timeline handle themselves. */
const LOCAL = {
  send: 'Enter',
  sendAlways: 'Ctrl+Enter',
  newLine: 'Shift+Enter',
  editLast: 'ArrowUp',
  move: 'ArrowUp ArrowDown',
  profile: 'Enter',
  saveFile: 'Ctrl+S',
  ...OF_MESSAGE,
} as const;

export type LocalKey = keyof typeof LOCAL;

const isMac = /mac/i.test(navigator.platform);

/** Punctuation in shortcuts. On a layout that can type these characters, the typed character counts. */
const SIGNS = [',', '/', '+', '-', '='];
/** The positions of these characters, for layouts of other scripts that may not have them. */
const PLACES: Record<string, string> = { Comma: ',', Slash: '/', Minus: '-', Equal: '=' };

/**
 * Returns the key that is meant. A Latin letter is the typed one, wherever it is on the keyboard. Where the layout
 * has other letters (Cyrillic, Greek, Hebrew …), the key's position decides. Digits are taken by position, since some
 * layouts (AZERTY, Czech) need Shift to type one.
 */
export function keyOf(event: KeyboardEvent): string {
  const { key, code } = event;
  const typed = key === 'Dead' || key === 'Unidentified' ? '' : key;
  // Names such as Enter or ArrowUp do not depend on the layout.
  if ([...typed].length > 1 || /^[0-9]$/.test(typed)) return typed;
  const digit = /^Digit([0-9])$/.exec(code)?.[1];
  // On the digit keys, Bépo has plus, minus and slash, and AZERTY the minus. Czech has its plus on the 1, and an
  // equals sign elsewhere too.
  const isSign = SIGNS.includes(typed) && !(typed === '+' && digit === '1');
  if (digit && !event.shiftKey && !isSign) return digit;
  if (/[\x20-\x7e]|\p{Script=Latin}/u.test(typed)) return typed;
  const place = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
  return place ?? (typed === '' ? key : (PLACES[code] ?? typed));
}

/** Returns whether `key` was pressed, whatever Caps Lock and the layout's script make of it. */
export function isKey(event: KeyboardEvent, key: string): boolean {
  const meant = keyOf(event);
  const isLetter = /^[a-z]$/i.test(meant);
  return isLetter ? !event.shiftKey && meant.toLowerCase() === key.toLowerCase() : meant === key;
}

/** Returns the shortcut of a key press, if it is one. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (isComposing(event)) return undefined;
  const ctrl = isMac ? event.metaKey : event.ctrlKey;
  const meant = keyOf(event);
  const typed = meant.length === 1 ? meant.toUpperCase() : meant;
  // Plus is on the key of the equals sign, and is meant without Shift too.
  const key = ctrl && typed === '=' ? '+' : typed;
  // Shift changes the character of a punctuation key, and is then not listed as a modifier.
  const shift = event.shiftKey && /^([A-Z]|\w{2,})$/.test(key);
  const pressed = `${ctrl ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
  return (Object.keys(TABLE) as Shortcut[]).find((name) => TABLE[name] === pressed);
}

/** Returns the name of a key as it is printed on the keyboard. */
export const keyName = (keys: string) =>
  keys
    .replaceAll('ArrowUp', '↑')
    .replaceAll('ArrowDown', '↓')
    .replace('ArrowLeft', '←')
    .replace('ArrowRight', '→')
    .replace('Escape', 'Esc')
    .replace('Ctrl', isMac ? '⌘' : 'Ctrl');

/** Returns every shortcut with a description of what it does. */
export const allShortcuts = (): [string, string][] => [
  ...named(TABLE, text.shortcutNames),
  ...named(LOCAL, text.localKeyNames),
];

const named = <Name extends string>(table: Record<Name, string>, names: Record<Name, string>) =>
  (Object.keys(table) as Name[]).map((name): [string, string] => [
    keyName(table[name]),
    names[name],
  ]);
