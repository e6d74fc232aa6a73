import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import SignInForm from './SignInForm.svelte';

afterEach(() => vi.unstubAllGlobals());

/** Mounts the form with a fake backend. Returns the servers of its sign-in requests, and functions to use the form. */
function renderForm(signIn: (server: string) => Promise<unknown>, preview = signIn) {
  const servers: string[] = [];
  const invoke = (command: string, args: { server: string; link: string }) => {
    if (command === 'preview_link') return preview(args.link);
    if (command !== 'sign_in') return Promise.resolve(true);
    servers.push(args.server);
    return signIn(args.server);
  };
  vi.stubGlobal('__TAURI_INTERNALS__', { invoke });
  const onsignedin = vi.fn();
  const view = mount(SignInForm, { target: document.body, props: { onsignedin } });
  flushSync();
  const type = (name: string, value: string) => {
    const input = document.querySelector<HTMLInputElement>(`input[name=${name}]`)!;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  const button = (words: string) =>
    [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === words);
  return { servers, onsignedin, type, button, close: () => void unmount(view) };
}

test('a redirect is shown, and followed only when the user continues', async () => {
  const link = 'https://www.example.org/join#c0ffee';
  const reason = { key: 'leadsElsewhere', host: 'example.org', to: 'https://www.example.org' };
  const moved = { problem: { code: 'moved', reason }, target: link };
  const { servers, onsignedin, type, button, close } = renderForm((server) =>
    server === link ? Promise.resolve('a') : Promise.reject(moved as unknown as Error),
  );
  type('server', 'example.org/join%23c0ffee');
  type('username', 'wren');
  type('password', 'correct horse');
  // The type of a link decides whether the form registers or signs in.
  button('Create account')!.click();
  const continueLabel = 'Continue at https://www.example.org';
  await vi.waitFor(() => {
    flushSync();
    expect(button(continueLabel)).toBeDefined();
  });
  expect(document.querySelector('[role=alert]')!.textContent).toContain('redirects to');
  expect(servers).toEqual(['example.org/join%23c0ffee']);
  button(continueLabel)!.click();
  await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledWith('a', ''));
  expect(servers).toEqual(['example.org/join%23c0ffee', link]);
  close();
});

test('an invitation for an account proposes its username, and asks for no name', async () => {
  const invitation = { invitedBy: null, role: 'member', expiresAt: 0, takesOver: 'thrush' };
  const found = { server: 'https://example.org', fingerprint: null, invitation };
  const { type, close } = renderForm(
    () => Promise.resolve('a'),
    () => Promise.resolve(found),
  );
  type('server', 'https://example.org/join#c0ffee');
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector<HTMLInputElement>('input[name=username]')!.value).toBe('thrush');
  });
  expect(document.querySelector('input[name=name]')).toBeNull();
  close();
});

test('a pasted link shows its preview, and needs only a name and a password', async () => {
  const server = 'https://10.0.0.7:7700';
  const link = `${server}/join#c0ffee.mXJVd1Jx8bCO3EDpyyOvfTL0dc2Jxg0vbjHQ2cTx0IY`;
  const fingerprint = 'aaaa bbbb cccc dddd eeee ffff 0000 1111';
  const invitation = { invitedBy: 'wren', role: 'member', expiresAt: 0 };
  const found = { server, fingerprint, invitation };
  const { servers, type, button, onsignedin, close } = renderForm(
    () => Promise.resolve('a'),
    () => Promise.resolve(found),
  );
  type('server', link);
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector('input[name=server]')).toBeNull();
  });
  const words = document.body.textContent.replace(/[\u2066-\u2069]/gu, '');
  expect(words).toContain('You are invited to 10.0.0.7:7700');
  expect(words).toContain('by wren');
  expect(words).toContain('aaaa bbbb cccc dddd … 0000 1111');
  expect(document.activeElement?.getAttribute('name')).toBe('name');
  type('name', 'Rook Élan');
  expect(document.querySelector<HTMLInputElement>('input[name=username]')!.value).toBe('rook');
  type('username', 'rook');
  type('password', 'correct horse');
  button('Create account')!.click();
  await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledWith('a', 'Rook Élan'));
  expect(servers).toEqual([link]);
  button('Use another link')!.click();
  flushSync();
  expect(document.querySelector<HTMLInputElement>('input[name=server]')!.value).toBe('');
  close();
});
