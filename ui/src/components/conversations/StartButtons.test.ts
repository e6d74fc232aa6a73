import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import StartButtons from './StartButtons.svelte';

test('without conversations, buttons offer what the shortcuts do', () => {
  const app = createApp({});
  const target = render(StartButtons, {}, app);
  const button = (label: string) =>
    [...target.querySelectorAll('button')].find((button) => button.textContent.trim() === label);
  button(text.newMessage)!.click();
  expect(app.dialog).toBe('message');
  button(text.newGroup)!.click();
  expect(app.dialog).toBe('group');
  expect(button(text.invitePeople)).toBeUndefined();
  app.administers = true;
  flushSync();
  button(text.invitePeople)!.click();
  expect(app.administration.page).toBe('invitations');
});
