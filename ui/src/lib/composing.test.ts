import { expect, test } from 'vitest';
import { isComposing } from './composing';
import { shortcutOf } from './shortcuts';

const press = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key, ...more });

test('a key of an input method is recognized on every system', () => {
  expect(isComposing(press('Enter', { isComposing: true }))).toBe(true);
  // WebKit on macOS reports the key like this.
  expect(isComposing(press('Enter', { keyCode: 229 }))).toBe(true);
  expect(isComposing(press('Enter', { keyCode: 13 }))).toBe(false);
});

test('Escape that closes the list of an input method is not a shortcut', () => {
  expect(shortcutOf(press('Escape', { keyCode: 229 }))).toBeUndefined();
  expect(shortcutOf(press('Escape', { keyCode: 27 }))).toBe('escape');
});

test('every component that handles keys of text fields uses isComposing', () => {
  const sources = import.meta.glob('../**/*.svelte', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const reimplementing = Object.entries(sources)
    .filter(([, source]) => /event\.isComposing|keyCode/.test(source))
    .map(([name]) => name);
  expect(reimplementing).toEqual([]);
  const unchecked = Object.entries(sources)
    .filter(([, source]) => /onkey(down|up)=/.test(source))
    .filter(([name]) =>
      [...withChildren(name)].some((part) => /<(input|textarea)/.test(sources[part]!)),
    )
    .filter(([, source]) => !/isComposing\(event\)|shortcutOf\(event\)/.test(source))
    .map(([name]) => name);
  expect(unchecked.sort()).toEqual([
    // It ignores keys that are pressed in fields.
    '../components/inbox/Unread.svelte',
    // Its only input is a slider.
    '../components/people/PictureCropper.svelte',
    // It handles only keys that are pressed on the row itself.
    '../components/timeline/MessageRow.svelte',
    // The only field in it is that of the emoji picker, which keeps these keys to itself.
    '../components/timeline/Messages.svelte',
    // Its list of pages has no field.
    '../views/Administration.svelte',
  ]);

  /** Returns a component and all components below it. */
  function withChildren(name: string, found = new Set<string>()): Set<string> {
    if (found.has(name)) return found;
    found.add(name);
    for (const [, path] of sources[name]!.matchAll(/'(\.{1,2}\/[^']+\.svelte)'/g)) {
      const part = new URL(path!, `http://x/a/${name}`).pathname.replace('/', '../');
      if (part in sources) withChildren(part, found);
    }
    return found;
  }
});
