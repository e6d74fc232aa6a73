import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Person } from '../../ipc';
import PeoplePicker from './PeoplePicker.svelte';
import { createApp, render } from '../render';

const person = (name: string) =>
  ({ id: name, username: name, name, state: 'active' }) as unknown as Person;

/** Renders a picker. `type` enters a text, and `press` presses a key in the field. */
function renderPicker(people: (prefix: string) => Promise<Person[]>) {
  const onpick = vi.fn();
  const target = render(PeoplePicker, { label: 'To', without: [], onpick }, createApp({ people }));
  const field = target.querySelector('input')!;
  const settle = async () => {
    for (let n = 0; n < 8; n++) await tick();
    flushSync();
  };
  const type = async (words: string) => {
    field.value = words;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  };
  const press = (key: string) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    flushSync();
    return event;
  };
  const options = () => [...target.querySelectorAll<HTMLElement>('[role=option]')];
  return { target, field, type, press, options, onpick, settle };
}

test('the active option is announced, stays in view, and is picked by Enter', async () => {
  const many = Array.from({ length: 40 }, (_, n) => person(`wren${n}`));
  const { field, type, press, options, onpick } = renderPicker(async () => many);
  await type('wr');
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView');
  for (let n = 0; n < 60; n++) press('ArrowDown');
  const last = options().at(-1)!;
  expect(scrolled.mock.contexts.at(-1)).toBe(last);
  expect(field.getAttribute('aria-activedescendant')).toBe(last.id);
  expect(last.ariaSelected ?? last.getAttribute('aria-selected')).toBe('true');
  expect(press('Enter').defaultPrevented).toBe(true);
  expect(onpick).toHaveBeenCalledExactlyOnceWith(many[39]);
  scrolled.mockRestore();
});

test('without an option Enter submits the form, and nothing is active', async () => {
  const { field, type, press, onpick } = renderPicker(async () => []);
  await type('nobody');
  expect(field.getAttribute('aria-expanded')).toBe('false');
  expect(field.hasAttribute('aria-activedescendant')).toBe(false);
  press('ArrowDown');
  expect(press('Enter').defaultPrevented).toBe(false);
  expect(onpick).not.toHaveBeenCalled();
});

test('a late response does not replace that of a later search', async () => {
  const waiting: Record<string, (people: Person[]) => void> = {};
  const people = (prefix: string) =>
    new Promise<Person[]>((resolve) => (waiting[prefix] = resolve));
  const { type, options, settle } = renderPicker(people);
  await type('w');
  await type('wr');
  waiting['wr']!([person('wren')]);
  waiting['w']!([person('walnut')]);
  await settle();
  expect(options().map((option) => option.textContent!.trim())).toEqual(['WR wren']);
});
