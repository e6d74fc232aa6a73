import { expect, test } from 'vitest';
import type { Action, TimelineItem } from '../../ipc';
import { Timeline } from '../../state/timeline.svelte';
import { appWith, mounted } from '../mounted';
import Reactions from './Reactions.svelte';

const names = Array.from({ length: 20 }, (_, n) => `person ${n}`);

test('one’s own of many reactions is seen and can be taken back, though others came first', () => {
  const told: Action[] = [];
  const app = appWith({ act: async (_, action) => (told.push(action), null) });
  app.timeline = new Timeline('c', app.ipc);
  app.account = { username: 'wren' } as typeof app.account;
  const reactions = [{ emoji: '🎉', count: 30, own: true, names }];
  const item = { id: 'm', reactions } as unknown as TimelineItem;
  const button = mounted(Reactions, { item }, app).querySelector('button')!;
  expect(button.getAttribute('aria-pressed')).toBe('true');
  expect(button.title).toMatch(/^🎉 30: You, person 0, .* and 9 others$/);
  button.click();
  expect(told).toEqual([{ type: 'react', messageId: 'm', emoji: '🎉', on: false }]);
});

test('one’s own is named once', () => {
  const app = appWith({});
  app.account = { username: 'wren' } as typeof app.account;
  const reactions = [{ emoji: '🎉', count: 2, own: true, names: ['oak'] }];
  const item = { id: 'm', reactions } as unknown as TimelineItem;
  const button = mounted(Reactions, { item }, app).querySelector('button')!;
  expect(button.title).toBe('🎉 2: You and oak');
});
