import { expect, onTestFinished, test, vi } from 'vitest';
import { ContextMenu } from './context-menu.svelte';

/** Opens the menu of an element in a page; returns the event and the menu. */
function openMenu(html: string, selector: string, select = false) {
  document.body.innerHTML = html;
  onTestFinished(() => void (document.body.innerHTML = ''));
  const copy = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal('navigator', { clipboard: { writeText: copy } });
  onTestFinished(() => void vi.unstubAllGlobals());
  const menu = new ContextMenu({ attempt: (work) => work(), toast: null });
  const target = document.querySelector(selector)!;
  if (select) getSelection()!.selectAllChildren(target);
  else getSelection()!.removeAllRanges();
  const act = vi.fn();
  document.body.oncontextmenu = (event) => menu.open(event, 'Actions', () => [{ name: 'A', act }]);
  const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: 7 });
  target.dispatchEvent(event);
  return { event, copy, names: menu.shown?.entries.map((entry) => entry.name), menu };
}

test('an element has a menu with its actions, at the pointer', () => {
  const { event, names, menu } = openMenu('<p>one</p>', 'p');
  expect(names).toEqual(['A']);
  expect(event.defaultPrevented).toBe(true);
  expect(menu.shown?.anchor.x).toBe(7);
});

test('the entries for selected text and for a link come first', () => {
  const { names, copy, menu } = openMenu('<p><a href="https://a.example/">one</a></p>', 'a', true);
  expect(names).toEqual(['Copy selection', 'Open link', 'Copy address', 'A']);
  menu.shown!.entries[0]!.act();
  menu.shown!.entries[2]!.act();
  expect(copy.mock.calls).toEqual([['one'], ['https://a.example/']]);
});

test('a text field keeps the menu of the system', () => {
  const { event, names } = openMenu('<textarea></textarea>', 'textarea');
  expect(names).toBeUndefined();
  expect(event.defaultPrevented).toBe(false);
});
