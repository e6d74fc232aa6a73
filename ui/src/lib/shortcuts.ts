/** The keyboard shortcuts: one table, from which keys are matched and the list of shortcuts is shown. */
import { isComposing } from './composing';
import { text } from './text';

const SHORTCUTS = {
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

export type Shortcut = keyof typeof SHORTCUTS;

/** Keys of the focused message: one per action. */
const MESSAGE_KEYS = {
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

export type MessageKey = (typeof MESSAGE_KEYS)[keyof typeof MESSAGE_KEYS];

/** Keys that the composer and the timeline handle themselves. */
const LOCAL_KEYS = {
  send: 'Enter',
  sendAlways: 'Ctrl+Enter',
  newLine: 'Shift+Enter',
  editLast: 'ArrowUp',
  move: 'ArrowUp ArrowDown',
  profile: 'Enter',
  saveFile: 'Ctrl+S',
  copyPicture: 'Ctrl+C',
  ...MESSAGE_KEYS,
} as const;

export type LocalKey = keyof typeof LOCAL_KEYS;

const isMac = /mac/i.test(navigator.platform);

/** Punctuation in shortcuts. On a layout that can type these characters, the typed character counts. */
const PUNCTUATION = [',', '/', '+', '-', '='];
/** The positions of these characters, for layouts of other scripts that may not have them. */
const PUNCTUATION_CODES: Record<string, string> = {
  Comma: ',',
  Slash: '/',
  Minus: '-',
  Equal: '=',
};

/**
 * Returns the key of an event. A Latin letter is the typed one, wherever it is on the keyboard. On layouts with
 * other letters (Cyrillic, Greek, Hebrew …), the key's position decides. Digits are recognized by position, since some
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
  const isPunctuation = PUNCTUATION.includes(typed) && !(typed === '+' && digit === '1');
  if (digit && !event.shiftKey && !isPunctuation) return digit;
  if (/[\x20-\x7e]|\p{Script=Latin}/u.test(typed)) return typed;
  const letter = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
  return letter ?? (typed === '' ? key : (PUNCTUATION_CODES[code] ?? typed));
}

/** Returns whether `key` was pressed, independent of Caps Lock and the layout's script. */
export function isKey(event: KeyboardEvent, key: string): boolean {
  const pressedKey = keyOf(event);
  const isLetter = /^[a-z]$/i.test(pressedKey);
  return isLetter
    ? !event.shiftKey && pressedKey.toLowerCase() === key.toLowerCase()
    : pressedKey === key;
}

/** Returns the shortcut of a key press, if it is one. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (isComposing(event)) return undefined;
  const ctrl = isMac ? event.metaKey : event.ctrlKey;
  const pressedKey = keyOf(event);
  const typed = pressedKey.length === 1 ? pressedKey.toUpperCase() : pressedKey;
  // Plus is on the key of the equals sign, and works without Shift too.
  const key = ctrl && typed === '=' ? '+' : typed;
  // Shift changes the character of a punctuation key, and is then not listed as a modifier.
  const shift = event.shiftKey && /^([A-Z]|\w{2,})$/.test(key);
  const pressed = `${ctrl ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
  return (Object.keys(SHORTCUTS) as Shortcut[]).find((name) => SHORTCUTS[name] === pressed);
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
  ...described(SHORTCUTS, text.shortcutNames),
  ...described(LOCAL_KEYS, text.localKeyNames),
];

const described = <Name extends string>(table: Record<Name, string>, names: Record<Name, string>) =>
  (Object.keys(table) as Name[]).map((name): [string, string] => [
    keyName(table[name]),
    names[name],
  ]);
