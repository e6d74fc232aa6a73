import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
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
  says('Use recovery code')!.click();
  flushSync();
  expect(document.querySelector('label')!.textContent).toBe('Recovery code');
  expect(says('Conversations')).toBeUndefined();
  says('Back')!.click();
  flushSync();
  expect(document.querySelector('label')!.textContent).toBe('Passphrase');
  void unmount(view);
});

afterEach(() => vi.unstubAllGlobals());

test('a keychain that stayed closed is asked again by a click, and by nothing else', async () => {
  const asked: string[] = [];
  let isOpen = false;
  const invoke = (command: string) => {
    asked.push(command);
    return Promise.resolve(isOpen);
  };
  vi.stubGlobal('__TAURI_INTERNALS__', { invoke });
  const closed: ClosedBecause = { because: 'keychain', isPlain: false };
  const accounts = new Accounts({ accounts: () => Promise.resolve([]) });
  const onshow = vi.fn();
  const view = mount(Closed, {
    target: document.body,
    props: { id: 'a' as AccountId, closed, accounts, onshow },
  });
  flushSync();
  expect(asked).toEqual([]);
  const button = document.querySelector<HTMLButtonElement>('.primary')!;
  expect(button.textContent.trim()).toBe('Open the keychain');
  button.click();
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector('[role=alert]')!.textContent).toContain('did not open');
  });
  expect(onshow).not.toHaveBeenCalled();
  isOpen = true;
  button.click();
  await vi.waitFor(() => expect(onshow).toHaveBeenCalledWith('a'));
  expect(asked).toEqual(['open_by_keychain', 'open_by_keychain']);
  void unmount(view);
});
