import { flushSync, mount, unmount } from 'svelte';
import { expect, test } from 'vitest';
import type { AccountId, ClosedBecause } from '../ipc';
import { Accounts } from '../state/accounts.svelte';
import Closed from './Closed.svelte';

test('from the recovery code one goes back to the passphrase, and the way says so', () => {
  const closed = { because: 'passphrase' } as unknown as ClosedBecause;
  const accounts = new Accounts({ accounts: () => Promise.resolve([]) });
  const props = { id: 'a' as AccountId, closed, accounts, onshow: () => undefined };
  const view = mount(Closed, { target: document.body, props });
  const says = (what: string) =>
    [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === what);
  flushSync();
  says('Use the recovery code')!.click();
  flushSync();
  expect(document.querySelector('label')!.textContent).toBe('Recovery code');
  expect(says('Conversations')).toBeUndefined();
  says('Back')!.click();
  flushSync();
  expect(document.querySelector('label')!.textContent).toBe('Passphrase');
  void unmount(view);
});
