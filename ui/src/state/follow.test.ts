import { expect, test, vi } from 'vitest';
import type { Lead } from '../ipc';
import { follow } from './follow';

/** Shows a lead; returns what became of it. */
async function shown(lead: Lead) {
  const app = {
    ...{ openMessage: vi.fn(), open: vi.fn(), addAccount: vi.fn() },
    ...{ dialog: null as string | null, toast: null as string | null },
  };
  await follow(app, lead);
  return app;
}

test('a message and a conversation are opened', async () => {
  const message = await shown({ to: 'message', account: 'a', message: 'm' });
  expect(message.openMessage).toHaveBeenCalledWith('m');
  const conversation = await shown({ to: 'conversation', account: 'a', conversation: 'c' });
  expect(conversation.open).toHaveBeenCalledWith('c');
});

test('a link of an invitation asks for an account', async () => {
  const link = 'https://chat.example.org/join#c0ffee';
  expect((await shown({ to: 'signIn', link })).addAccount).toHaveBeenCalledWith(link);
});

test('a link that leads nowhere is told, and nothing is opened', async () => {
  const reason = { key: 'noAccountThere' as const, host: 'chat.example.org' };
  const app = await shown({ to: 'nowhere', problem: { code: 'invalid', reason } });
  expect(app.toast).toContain('chat.example.org');
  expect(app.open).not.toHaveBeenCalled();
  expect(app.openMessage).not.toHaveBeenCalled();
});

test('closing is asked about', async () => {
  expect((await shown({ to: 'closing' })).dialog).toBe('closing');
});
