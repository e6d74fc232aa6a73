import { expect, test, vi } from 'vitest';
import type { NavigationTarget } from '../ipc';
import { navigate } from './navigate';

/** Navigates to a target; returns the fake app with the recorded calls. */
async function openedBy(target: NavigationTarget) {
  const app = {
    ...{ openMessage: vi.fn(), open: vi.fn(), addAccount: vi.fn() },
    ...{ dialog: null as string | null, toast: null as string | null },
  };
  await navigate(app, target);
  return app;
}

test('a message and a conversation are opened', async () => {
  const message = await openedBy({ to: 'message', account: 'a', message: 'm' });
  expect(message.openMessage).toHaveBeenCalledWith('m');
  const conversation = await openedBy({ to: 'conversation', account: 'a', conversation: 'c' });
  expect(conversation.open).toHaveBeenCalledWith('c');
});

test('a link of an invitation opens the dialog for adding an account', async () => {
  const link = 'https://chat.example.org/join#c0ffee';
  expect((await openedBy({ to: 'signIn', link })).addAccount).toHaveBeenCalledWith(link);
});

test('an invalid link shows an error and opens nothing', async () => {
  const reason = { key: 'noAccountOnServer' as const, host: 'chat.example.org' };
  const app = await openedBy({ to: 'invalidLink', problem: { code: 'invalid', reason } });
  expect(app.toast).toContain('chat.example.org');
  expect(app.open).not.toHaveBeenCalled();
  expect(app.openMessage).not.toHaveBeenCalled();
});

test('closing opens its dialog', async () => {
  expect((await openedBy({ to: 'closing' })).dialog).toBe('closing');
});
