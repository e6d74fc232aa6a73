import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import SignInForm from './SignInForm.svelte';

afterEach(() => vi.unstubAllGlobals());

/** The form, over a client that answers so; and which servers were asked. */
function form(answer: (server: string) => Promise<unknown>) {
  const servers: string[] = [];
  const invoke = (command: string, args: { server: string }) => {
    if (command !== 'sign_in') return Promise.resolve(true);
    servers.push(args.server);
    return answer(args.server);
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
    [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === words);
  return { servers, onsignedin, type, button, end: () => void unmount(view) };
}

test('where an address leads is named, and gone on at when somebody says so', async () => {
  const link = 'https://www.example.org/join#c0ffee';
  const moved = { code: 'moved', message: 'example.org leads to www.', target: link };
  const { servers, onsignedin, type, button, end } = form((server) =>
    server === link ? Promise.resolve('a') : Promise.reject(moved as unknown as Error),
  );
  type('server', 'example.org/join%23c0ffee');
  type('username', 'wren');
  type('password', 'correct horse');
  // A link says what its owner wants.
  button('Create account')!.click();
  const goOn = 'Go on at https://www.example.org';
  await vi.waitFor(() => {
    flushSync();
    expect(button(goOn)).toBeDefined();
  });
  expect(document.querySelector('[role=alert]')!.textContent).toContain('leads to');
  expect(servers).toEqual(['example.org/join%23c0ffee']);
  button(goOn)!.click();
  await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledWith('a'));
  expect(servers).toEqual(['example.org/join%23c0ffee', link]);
  end();
});
