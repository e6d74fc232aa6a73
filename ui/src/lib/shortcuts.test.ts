import { expect, test } from 'vitest';
import { shortcutOf } from './shortcuts';

const press = (key: string, keys: Partial<KeyboardEventInit> = {}) =>
  shortcutOf(new KeyboardEvent('keydown', { key, ...keys }));

test('keys are read whatever shift makes of them', () => {
  expect(press('k', { ctrlKey: true })).toBe('jump');
  expect(press('F', { ctrlKey: true, shiftKey: true })).toBe('findEverywhere');
  expect(press('f', { ctrlKey: true })).toBe('find');
  expect(press('ArrowDown', { altKey: true, shiftKey: true })).toBe('nextUnread');
  expect(press('/', { ctrlKey: true, shiftKey: true })).toBe('shortcuts');
  expect(press('k')).toBeUndefined();
});
