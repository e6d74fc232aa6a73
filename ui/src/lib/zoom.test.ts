import { expect, test } from 'vitest';
import { startZoom } from './zoom';

const press = (key: string) =>
  window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true, cancelable: true }));
const fontSize = () => document.documentElement.style.fontSize;

test('the keyboard changes the text size, which is stored for the next start', () => {
  localStorage.setItem('zoom', 'nonsense');
  startZoom();
  expect(fontSize()).toBe('');
  press('+');
  // The key of the plus without Shift.
  press('=');
  press('=');
  expect(fontSize()).toBe('150%');
  expect(localStorage.getItem('zoom')).toBe('150');
  press('-');
  expect(fontSize()).toBe('125%');
  for (let n = 0; n < 20; n++) press('-');
  expect(fontSize()).toBe('70%');
  press('0');
  expect(fontSize()).toBe('');
});
