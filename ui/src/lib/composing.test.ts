import { expect, test } from 'vitest';
import { isComposing } from './composing';
import { shortcutOf } from './shortcuts';

const press = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, ...more });

test('the key that accepts a word of an input method is its own, however the system tells', () => {
  expect(isComposing(press('Enter', { isComposing: true }))).toBe(true);
  // WebKit on macOS reports the key like this.
  expect(isComposing(press('Enter', { keyCode: 229 }))).toBe(true);
  expect(isComposing(press('Enter', { keyCode: 13 }))).toBe(false);
});

test('Escape that closes the list of an input method closes nothing else', () => {
  expect(shortcutOf(press('Escape', { keyCode: 229 }))).toBeUndefined();
  expect(shortcutOf(press('Escape', { keyCode: 27 }))).toBe('escape');
});

test('every place that reads keys beside a field asks it', () => {
  const sources = import.meta.glob('../**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const asksItself = Object.entries(sources)
    .filter(([, source]) => /event\.isComposing|keyCode/.test(source))
    .map(([name]) => name);
  expect(asksItself).toEqual([]);
  const unaware = Object.entries(sources)
    .filter(
      ([, source]) => /<(input|textarea)/.test(source) && /onkeydown=\{keydown\}/.test(source),
    )
    .filter(([, source]) => !source.includes('isComposing(event)'))
    .map(([name]) => name);
  // These handle keys without a text field: the only input is a slider in one, a checkbox in the other.
  const withoutText = ['people/PictureCropper', 'timeline/MessageRow'];
  expect(unaware.sort()).toEqual(withoutText.map((name) => `../components/${name}.svelte`));
});
