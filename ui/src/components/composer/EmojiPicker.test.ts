import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp, render } from '../render';
import EmojiPicker from './EmojiPicker.svelte';

test('keys of an input method do not close the picker or move the focus', () => {
  const [onpick, onclose, onbodykey] = [vi.fn(), vi.fn(), vi.fn()];
  const target = render(EmojiPicker, { label: 'x', onpick, onclose }, createApp({}));
  document.body.addEventListener('keydown', onbodykey);
  onTestFinished(() => document.body.removeEventListener('keydown', onbodykey));
  const input = target.querySelector('input')!;
  for (const key of ['Escape', 'Enter', 'ArrowDown', 'ArrowUp'])
    for (const more of [{ keyCode: 229 }, { isComposing: true }])
      input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  expect(document.activeElement).toBe(input);
  for (const called of [onpick, onclose, onbodykey]) expect(called).not.toHaveBeenCalled();
});
