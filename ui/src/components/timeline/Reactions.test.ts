import { expect, test } from 'vitest';
import type { Action, TimelineItem } from '../../ipc';
import { Timeline } from '../../state/timeline.svelte';
import { createApp, render } from '../render';
import Reactions from './Reactions.svelte';

const names = Array.from({ length: 20 }, (_, n) => `person ${n}`);

test('the own reaction among many is marked and can be removed', () => {
  const actions: Action[] = [];
  const app = createApp({ act: async (_, action) => (actions.push(action), null) });
  app.timeline = new Timeline('c', app.ipc);
  app.account = { username: 'wren' } as typeof app.account;
  const reactions = [{ emoji: '🎉', count: 30, own: true, names }];
  const item = { id: 'm', reactions } as unknown as TimelineItem;
  const button = render(Reactions, { item }, app).querySelector('button')!;
  expect(button.getAttribute('aria-pressed')).toBe('true');
  expect(button.title).toMatch(/^🎉 30: You, person 0, .* and 9 others$/);
  button.click();
  expect(actions).toEqual([{ type: 'react', messageId: 'm', emoji: '🎉', on: false }]);
});

test('two entries of one emoji, which only a defective server sends, are shown as one', () => {
  const reaction = { emoji: '🎉', count: 1, own: false, names: ['oak'] };
  const item = { id: 'm', reactions: [reaction, reaction] } as unknown as TimelineItem;
  expect(render(Reactions, { item }, createApp({})).querySelectorAll('button').length).toBe(1);
});

test('the user is named once', () => {
  const app = createApp({});
  app.account = { username: 'wren' } as typeof app.account;
  const reactions = [{ emoji: '🎉', count: 2, own: true, names: ['oak'] }];
  const item = { id: 'm', reactions } as unknown as TimelineItem;
  const button = render(Reactions, { item }, app).querySelector('button')!;
  expect(button.title).toBe('🎉 2: You and oak');
});
