import { expect, test } from 'vitest';
import { startZoom } from './zoom';

const press = (key: string) =>
  window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true, cancelable: true }));
const size = () => document.documentElement.style.fontSize;

test('the text grows and shrinks by keyboard, and is as large at the next start', () => {
  localStorage.setItem('zoom', 'nonsense');
  startZoom();
  expect(size()).toBe('');
  press('+');
  // The key of the plus without Shift.
  press('=');
  press('=');
  expect(size()).toBe('150%');
  expect(localStorage.getItem('zoom')).toBe('150');
  press('-');
  expect(size()).toBe('125%');
  for (let n = 0; n < 20; n++) press('-');
  expect(size()).toBe('70%');
  press('0');
  expect(size()).toBe('');
});
