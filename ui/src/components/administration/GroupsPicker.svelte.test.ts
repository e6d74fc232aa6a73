import axe from 'axe-core';
import { flushSync, tick } from 'svelte';
import { expect, test } from 'vitest';
import type { GroupName } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import GroupsPicker from './GroupsPicker.svelte';

const group = (id: string, title: string, more = {}) =>
  ({ ...{ id, title, kind: 'group', archived: false, left: false }, ...more }) as never;

function renderPicker(chosen: GroupName[], props: { max?: number; disabled?: boolean } = {}) {
  const app = createApp({});
  app.conversations = [
    ...[group('b', 'Öl'), group('a', 'oak'), group('c', 'gone', { left: true })],
    ...[group('d', 'old', { archived: true }), group('e', 'wren', { kind: 'p2p' })],
    ...[group('f', 'Release'), group('g', 'compiler')],
  ];
  let current = $state(chosen);
  const bound = {
    label: 'Groups to join',
    ...props,
    get chosen() {
      return current;
    },
    set chosen(next) {
      current = next;
    },
  };
  const target = render(GroupsPicker, bound, app);
  const field = target.querySelector<HTMLInputElement>('[role=combobox]')!;
  const press = async (key: string) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    document.activeElement!.dispatchEvent(event);
    flushSync();
    await tick();
    return event;
  };
  const type = (words: string) => {
    field.value = words;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  const options = () =>
    [...target.querySelectorAll('[role=option]')].map((option) => option.textContent!.trim());
  const chips = () => [...target.querySelectorAll<HTMLElement>('.chosen button')];
  const active = () =>
    document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent?.trim();
  return { target, field, press, type, options, chips, active, chosen: () => current };
}

test('groups of the user are found, chosen and removed with the keyboard', async () => {
  const { field, press, type, options, chips, active, chosen } = renderPicker([]);
  field.focus();
  expect(options()).toEqual([]);
  await press('ArrowDown');
  expect(field.getAttribute('aria-expanded')).toBe('true');
  expect(options()).toEqual(['compiler', 'oak', 'Öl', 'Release']);
  expect(active()).toBe('compiler');
  await press('ArrowUp');
  expect(active()).toBe('compiler');
  await press('ArrowDown');
  expect(active()).toBe('oak');
  await press('Enter');
  expect([options(), field.getAttribute('aria-expanded')]).toEqual([[], 'false']);
  expect(document.activeElement).toBe(field);
  type('OL');
  expect(options()).toEqual(['Öl']);
  await press('Enter');
  expect([field.value, chosen().map(({ id }) => id)]).toEqual(['', ['a', 'b']]);
  // The focus goes to the next group, and after the last one to the field.
  chips()[0]!.focus();
  chips()[0]!.click();
  flushSync();
  expect(document.activeElement).toBe(chips()[0]);
  expect(chips()[0]!.getAttribute('aria-label')).toContain('Öl');
  chips()[0]!.click();
  flushSync();
  expect([document.activeElement, chosen()]).toEqual([field, []]);
});

test('Enter submits nothing, and Escape closes the list before anything else', async () => {
  const { field, press, type } = renderPicker([]);
  field.focus();
  expect((await press('Enter')).defaultPrevented).toBe(true);
  expect(field.getAttribute('aria-expanded')).toBe('true');
  expect((await press('Escape')).defaultPrevented).toBe(true);
  expect(field.getAttribute('aria-expanded')).toBe('false');
  expect((await press('Escape')).defaultPrevented).toBe(false);
  type('nothing of that name');
  expect((await press('Enter')).defaultPrevented).toBe(true);
  expect(field.closest('[role=group]')!.textContent).toContain(text.noGroupFound);
});

test('nothing can be added at the maximum, and nothing is changed offline', async () => {
  const full = renderPicker([{ id: 'a', title: 'oak' }], { max: 1 });
  full.field.focus();
  await full.press('ArrowDown');
  expect(full.options()).toEqual([]);
  expect(full.field.readOnly && full.field.placeholder).toBe(text.groupsFull({ n: 1 }));
  const offline = renderPicker([{ id: 'x', title: '' }], { disabled: true });
  expect(offline.field.disabled).toBe(true);
  expect((offline.chips()[0] as HTMLButtonElement).disabled).toBe(true);
  expect(offline.chips()[0]!.textContent).toContain(text.groupOfOthers);
});

test('axe finds no violations, closed and open', async () => {
  const { target, field, press } = renderPicker([{ id: 'a', title: 'oak' }]);
  // Colours need a layout, and a page has landmarks.
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
  const violations = async () =>
    (await axe.run(target, { rules })).violations.map(({ help }) => help);
  expect(await violations()).toEqual([]);
  field.focus();
  await press('ArrowDown');
  expect(await violations()).toEqual([]);
});
