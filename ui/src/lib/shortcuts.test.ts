import { expect, test } from 'vitest';
import { isKey, keyOf, shortcutOf } from './shortcuts';

const press = (key: string, keys: Partial<KeyboardEventInit> = {}) =>
  shortcutOf(new KeyboardEvent('keydown', { key, ...keys }));

test('a shortcut with Shift is recognized in upper case', () => {
  expect(press('k', { ctrlKey: true })).toBe('jump');
  expect(press('F', { ctrlKey: true, shiftKey: true })).toBe('findEverywhere');
  expect(press('f', { ctrlKey: true })).toBe('find');
  expect(press('ArrowDown', { altKey: true, shiftKey: true })).toBe('nextUnread');
  expect(press('/', { ctrlKey: true, shiftKey: true })).toBe('shortcuts');
  expect(press('k')).toBeUndefined();
});

test('on a layout of another script, the position of a key decides', () => {
  const layouts = { Cyrillic: 'л', Greek: 'κ', Hebrew: 'ל', Arabic: 'ن', Thai: 'า' };
  for (const [script, key] of Object.entries(layouts))
    expect(press(key, { code: 'KeyK', ctrlKey: true }), script).toBe('jump');
  expect(press('А', { code: 'KeyF', ctrlKey: true, shiftKey: true })).toBe('findEverywhere');
  expect(press('б', { code: 'Comma', ctrlKey: true })).toBe('settings');
  expect(press('ظ', { code: 'Slash', ctrlKey: true })).toBe('shortcuts');
});

test('on a Latin layout, the typed letter decides', () => {
  // Dvorak has its K where others have V, Turkish F a ğ where others have E.
  expect(press('k', { code: 'KeyV', ctrlKey: true })).toBe('jump');
  expect(press('t', { code: 'KeyK', ctrlKey: true })).toBeUndefined();
  expect(press('w', { code: 'Comma', ctrlKey: true })).toBeUndefined();
  expect(keyOf(new KeyboardEvent('keydown', { key: 'ğ', code: 'KeyE' }))).toBe('ğ');
});

test('digits are recognized by position, and punctuation of shortcuts by character', () => {
  const keyFor = (key: string, code: string) =>
    keyOf(new KeyboardEvent('keydown', { key, code, ctrlKey: true }));
  // AZERTY
  expect(keyFor('&', 'Digit1')).toBe('1');
  expect(keyFor('ç', 'Digit9')).toBe('9');
  expect(press('à', { code: 'Digit0', ctrlKey: true })).toBe('zoomReset');
  expect(press('-', { code: 'Digit6', ctrlKey: true })).toBe('zoomOut');
  expect(keyFor('Dead', 'Digit2')).toBe('2');
  // Czech
  expect(keyFor('+', 'Digit1')).toBe('1');
  expect(press('é', { code: 'Digit0', ctrlKey: true })).toBe('zoomReset');
  // Persian, and the number pad
  expect(keyFor('۳', 'Digit3')).toBe('3');
  expect(keyFor('4', 'Numpad4')).toBe('4');
});

test('the keys of a message do not depend on Caps Lock or the layout', () => {
  const on = (key: string, more: KeyboardEventInit, expected: string) =>
    isKey(new KeyboardEvent('keydown', { key, ...more }), expected);
  expect(on('r', { code: 'KeyR' }, 'R')).toBe(true);
  expect(on('R', { code: 'KeyR' }, 'R')).toBe(true);
  expect(on('R', { code: 'KeyR', shiftKey: true }, 'R')).toBe(false);
  expect(on('к', { code: 'KeyR' }, 'R')).toBe(true);
  expect(on('+', { code: 'Equal', shiftKey: true }, '+')).toBe(true);
  expect(on('Delete', { code: 'Delete' }, 'Delete')).toBe(true);
});
