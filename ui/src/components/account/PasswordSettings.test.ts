import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { Failure, type Ipc, type SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { appWith, mounted } from '../mounted';
import PasswordSettings from './PasswordSettings.svelte';

function section(changePassword: Ipc['changePassword'], connection = 'online') {
  const app = appWith({ changePassword });
  app.status = { connection } as SyncStatus;
  const target = mounted(PasswordSettings, {}, app);
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
  return { target, button };
}

test('a new password ends the other sessions, unless that is not wanted', async () => {
  const changePassword = vi.fn(() => Promise.resolve(null));
  const { target, button } = section(changePassword);
  button.click();
  await vi.waitFor(() => expect(target.textContent).toContain('Other devices were signed out.'));
  expect(changePassword).toHaveBeenLastCalledWith('correct horse', 'another horse', false);
  expect(target.querySelector('form')!.hidden).toBe(true);
  expect(document.activeElement).toBe(target.querySelector('[aria-expanded=false]'));
  expect(target.querySelector<HTMLInputElement>('[name=newPassword]')!.value).toBe('');

  const other = section(changePassword);
  other.target.querySelector<HTMLInputElement>('[name=endsOthers]')!.click();
  flushSync();
  other.button.click();
  await vi.waitFor(() => expect(other.target.textContent).toContain('stay signed in.'));
  expect(changePassword).toHaveBeenLastCalledWith('correct horse', 'another horse', true);
});

test('a form that was closed while the password was changed stays closed', async () => {
  let changed!: () => void;
  const { target, button } = section(
    () => new Promise((resolve) => (changed = () => resolve(null))),
  );
  button.click();
  target.querySelector<HTMLButtonElement>('[aria-expanded=true]')!.click();
  changed();
  await vi.waitFor(() => expect(target.textContent).toContain('Other devices were signed out.'));
  expect(target.querySelector('form')!.hidden).toBe(true);
});

test('a wrong current password is said, and what was typed stays', async () => {
  const wrong = new Failure({ code: 'sign_in', reason: { key: 'currentPassword' } });
  const { target, button } = section(() => Promise.reject(wrong));
  button.click();
  const said = () => target.querySelector('[role=alert]')!.textContent;
  await vi.waitFor(() => expect(said()).toBe(text.refusals.currentPassword));
  expect(target.querySelector<HTMLInputElement>('[name=newPassword]')!.value).not.toBe('');
});

test('offline it cannot be changed, and it is said why', () => {
  const { target, button } = section(() => Promise.resolve(null), 'offline');
  expect(button.disabled).toBe(true);
  expect(target.textContent).toContain(text.youAreOffline);
});
