import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { Failure, type Ipc, type SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import PasswordSettings from './PasswordSettings.svelte';

function renderSection(changePassword: Ipc['changePassword'], connection = 'online') {
  const app = createApp({ changePassword });
  app.status = { connection } as SyncStatus;
  const target = render(PasswordSettings, {}, app);
  target.querySelector('button')!.click();
  flushSync();
  const type = (name: string, value: string) => {
    const field = target.querySelector<HTMLInputElement>(`[name=${name}]`)!;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  type('currentPassword', 'correct horse');
  type('newPassword', 'another horse');
  const button = target.querySelector<HTMLButtonElement>('[type=submit]')!;
  return { target, button, app };
}

test('a new password signs out other devices, unless this is switched off', async () => {
  const changePassword = vi.fn(() => Promise.resolve(null));
  const { target, button } = renderSection(changePassword);
  button.click();
  await vi.waitFor(() => expect(target.textContent).toContain('Other devices were signed out.'));
  expect(changePassword).toHaveBeenLastCalledWith('correct horse', 'another horse', false);
  expect(target.querySelector('form')!.hidden).toBe(true);
  expect(document.activeElement).toBe(target.querySelector('[aria-expanded=false]'));
  expect(target.querySelector<HTMLInputElement>('[name=newPassword]')!.value).toBe('');

  const other = renderSection(changePassword);
  other.target.querySelector<HTMLInputElement>('[name=signsOutOthers]')!.click();
  flushSync();
  other.button.click();
  await vi.waitFor(() => expect(other.target.textContent).toContain('stay signed in.'));
  expect(changePassword).toHaveBeenLastCalledWith('correct horse', 'another horse', true);
});

test('an administrator reads that a new password also ends their invitations', () => {
  const { target, app } = renderSection(() => Promise.resolve(null));
  expect(target.textContent).not.toContain(text.ownInvitationsEnd);
  app.administers = true;
  flushSync();
  expect(target.textContent).toContain(text.ownInvitationsEnd);
});

test('a form that was closed while the password was changed stays closed', async () => {
  let changed!: () => void;
  const { target, button } = renderSection(
    () => new Promise((resolve) => (changed = () => resolve(null))),
  );
  button.click();
  target.querySelector<HTMLButtonElement>('[aria-expanded=true]')!.click();
  changed();
  await vi.waitFor(() => expect(target.textContent).toContain('Other devices were signed out.'));
  expect(target.querySelector('form')!.hidden).toBe(true);
});

test('a wrong current password is reported, and the fields stay filled', async () => {
  const wrong = new Failure({ code: 'wrong_credentials', reason: { key: 'currentPassword' } });
  const { target, button } = renderSection(() => Promise.reject(wrong));
  button.click();
  const alert = () => target.querySelector('[role=alert]')!.textContent;
  await vi.waitFor(() => expect(alert()).toBe(text.refusals.currentPassword));
  expect(target.querySelector<HTMLInputElement>('[name=newPassword]')!.value).not.toBe('');
});

test('the password cannot be changed offline, and the reason is shown', () => {
  const { target, button } = renderSection(() => Promise.resolve(null), 'offline');
  expect(button.disabled).toBe(true);
  expect(target.textContent).toContain(text.youAreOffline);
});
