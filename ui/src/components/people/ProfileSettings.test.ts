import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { Failure, type Ipc, type PersonCard, type SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render, mountComponent } from '../render';
import ProfileSettings from './ProfileSettings.svelte';

const ME: PersonCard = {
  ...{ id: 'me', username: 'marlow', name: 'marlow', role: 'member', state: 'active' },
  ...{ isAlike: false, profile: { displayName: '', about: 'Compilers', timeZone: 'Asia/Tokyo' } },
};

async function renderSection(setProfile: Ipc['setProfile'], connection = 'online') {
  const app = createApp({ setProfile, personCard: () => Promise.resolve(ME) });
  app.account = { userId: 'me', username: 'marlow', server: '' } as typeof app.account;
  app.status = { connection } as SyncStatus;
  const target = render(ProfileSettings, {}, app);
  const field = (name: string) => target.querySelector<HTMLInputElement>(`[name=${name}]`)!;
  await vi.waitFor(() => {
    flushSync();
    expect(field('displayName').disabled).toBe(false);
  });
  const fill = (name: string, value: string) => {
    field(name).value = value;
    field(name).dispatchEvent(new Event('input', { bubbles: true }));
    field(name).dispatchEvent(new Event('change', { bubbles: true }));
    flushSync();
  };
  return { target, field, fill };
}

test('only the changed field is saved', async () => {
  const setProfile = vi.fn(() => Promise.resolve(null));
  const { target, field, fill } = await renderSection(setProfile);
  expect([field('about').value, field('timeZone').value]).toEqual(['Compilers', 'Asia/Tokyo']);
  expect(target.textContent).toContain('@marlow');
  fill('displayName', 'Marlow Lind');
  expect(setProfile).toHaveBeenLastCalledWith({ displayName: 'Marlow Lind' });
  await vi.waitFor(() => expect(target.textContent).toContain(text.profileChanged));
  fill('timeZone', '');
  expect(setProfile).toHaveBeenLastCalledWith({ timeZone: '' });
});

test('offline the change is stored, and a notice says when others see it', async () => {
  const { target, fill } = await renderSection(() => Promise.resolve(null), 'offline');
  fill('about', 'On holiday');
  await vi.waitFor(() => expect(target.textContent).toContain(text.profileWaiting));
});

test('a refusal is shown, and the field stays filled', async () => {
  const error = new Failure({ code: 'invalid', reason: { key: 'displayNameHidden' } });
  const { target, field, fill } = await renderSection(() => Promise.reject(error));
  fill('displayName', 'Mar\u202elow');
  const alert = () => target.querySelector('section > [role=alert]')!.textContent;
  await vi.waitFor(() => expect(alert()).toBe(text.refusals.displayNameHidden));
  expect(field('displayName').value).toContain('low');
});

test('a refusal after closing the settings is shown by the window', async () => {
  let refuse!: (error: Failure) => void;
  const setProfile: Ipc['setProfile'] = () =>
    new Promise((_, reject) => {
      refuse = reject;
    });
  const app = createApp({ setProfile, personCard: () => Promise.resolve(ME) });
  app.account = { userId: 'me', username: 'marlow', server: '' } as typeof app.account;
  app.status = { connection: 'online' } as SyncStatus;
  const close = mountComponent(ProfileSettings, {}, app);
  const name = document.querySelector<HTMLInputElement>('[name=displayName]')!;
  await vi.waitFor(() => {
    flushSync();
    expect(name.disabled).toBe(false);
  });
  name.dispatchEvent(new Event('change', { bubbles: true }));
  close();
  refuse(new Failure({ code: 'invalid', reason: { key: 'displayNameHidden' } }));
  await vi.waitFor(() => expect(app.toast).toBe(text.refusals.displayNameHidden));
});
