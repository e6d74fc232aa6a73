import { expect, onTestFinished, test, vi } from 'vitest';
import { appWith, mounted } from '../mounted';
import EmojiPicker from './EmojiPicker.svelte';

test('keys with which a word is composed close nothing and move nothing around the picker', () => {
  const [onpick, onclose, around] = [vi.fn(), vi.fn(), vi.fn()];
  const target = mounted(EmojiPicker, { label: 'x', onpick, onclose }, appWith({}));
  document.body.addEventListener('keydown', around);
  onTestFinished(() => document.body.removeEventListener('keydown', around));
  const input = target.querySelector('input')!;
  for (const key of ['Escape', 'Enter', 'ArrowDown', 'ArrowUp'])
    for (const more of [{ keyCode: 229 }, { isComposing: true }])
      input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  expect(document.activeElement).toBe(input);
  for (const called of [onpick, onclose, around]) expect(called).not.toHaveBeenCalled();
});
