import { beforeEach, expect, test, vi } from 'vitest';
import type { Ipc } from '../ipc';
import { Pictures } from './pictures.svelte';

vi.mock('../ipc', async (original) => ({
  ...(await original<object>()),
  pictureAddress: (account: string, picture: string) => `picture://localhost/${account}-${picture}`,
}));

type Found = Awaited<ReturnType<Ipc['pictures']>>;
let found: Found = [];
const asked = vi.fn(async (people: string[]) => found.filter((one) => people.includes(one.person)));
const pictures = () => new Pictures({ pictures: asked } as unknown as Ipc, () => 'account');

beforeEach(() => {
  asked.mockClear();
  found = [];
});

test('everybody on the screen is asked for together, once', async () => {
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  const all = pictures();
  expect([all.of('oak'), all.of('elm'), all.of('oak'), all.of(null)]).toEqual(Array(4).fill(null));
  await vi.waitFor(() => expect(all.of('oak')).toBe('picture://localhost/account-f00d'));
  expect(all.of('elm')).toBeNull();
  expect(asked.mock.calls).toEqual([[['oak', 'elm']]]);
});

test('a picture that is on its way is shown once it is here, and the one before until then', async () => {
  found = [{ person: 'oak', picture: 'f00d', isHere: false }];
  const all = pictures();
  all.of('oak');
  all.of('elm');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  expect(all.of('oak')).toBeNull();
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  all.readComing();
  await vi.waitFor(() => expect(all.of('oak')).toContain('f00d'));
  expect(asked).toHaveBeenLastCalledWith(['oak']);

  found = [{ person: 'oak', picture: 'beef', isHere: false }];
  all.readAll();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3));
  expect(asked).toHaveBeenLastCalledWith(['oak', 'elm']);
  expect(all.of('oak')).toContain('f00d');
  found = [];
  all.readAll();
  await vi.waitFor(() => expect(all.of('oak')).toBeNull());
});

test('without an answer the initials stay, and it is asked again', async () => {
  const all = pictures();
  asked.mockRejectedValueOnce(new Error('locked'));
  all.of('oak');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  await vi.waitFor(() => expect(all.of('oak')).toContain('f00d'));
});
