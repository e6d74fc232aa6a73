import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import StartButtons from './StartButtons.svelte';

test('where there is nothing yet, buttons begin what the shortcuts do', () => {
  const app = appWith({});
  const target = mounted(StartButtons, {}, app);
  const button = (label: string) =>
    [...target.querySelectorAll('button')].find((one) => one.textContent.trim() === label);
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
