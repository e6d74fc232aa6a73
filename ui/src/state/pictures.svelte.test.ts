import { beforeEach, expect, test, vi } from 'vitest';
import type { Ipc } from '../ipc';
import { Pictures } from './pictures.svelte';

vi.mock('../ipc', async (original) => ({
  ...(await original<object>()),
  pictureAddress: (account: string, picture: string) => `picture://localhost/${account}-${picture}`,
}));

type Found = Awaited<ReturnType<Ipc['pictures']>>;
let found: Found = [];
const request = vi.fn(async (people: string[]) =>
  found.filter(({ person }) => people.includes(person)),
);
const pictures = () => new Pictures({ pictures: request } as unknown as Ipc, () => 'account');

beforeEach(() => {
  request.mockClear();
  found = [];
});

test('the pictures of all shown people are requested together, and once', async () => {
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  const all = pictures();
  expect([all.of('oak'), all.of('elm'), all.of('oak'), all.of(null)]).toEqual(Array(4).fill(null));
  await vi.waitFor(() => expect(all.of('oak')).toBe('picture://localhost/account-f00d'));
  expect(all.of('elm')).toBeNull();
  expect(request.mock.calls).toEqual([[['oak', 'elm']]]);
});

test('a new picture is shown once it has arrived, and the previous one until then', async () => {
  found = [{ person: 'oak', picture: 'f00d', isHere: false }];
  const all = pictures();
  all.of('oak');
  all.of('elm');
  await vi.waitFor(() => expect(request).toHaveBeenCalledTimes(1));
  expect(all.of('oak')).toBeNull();
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  all.reloadFetching();
  await vi.waitFor(() => expect(all.of('oak')).toContain('f00d'));
  expect(request).toHaveBeenLastCalledWith(['oak']);

  found = [{ person: 'oak', picture: 'beef', isHere: false }];
  all.reloadAll();
  await vi.waitFor(() => expect(request).toHaveBeenCalledTimes(3));
  expect(request).toHaveBeenLastCalledWith(['oak', 'elm']);
  expect(all.of('oak')).toContain('f00d');
  found = [];
  all.reloadAll();
  await vi.waitFor(() => expect(all.of('oak')).toBeNull());
});

test('after a failed request the initials are shown, and the picture is requested again', async () => {
  const all = pictures();
  request.mockRejectedValueOnce(new Error('locked'));
  all.of('oak');
  await vi.waitFor(() => expect(request).toHaveBeenCalledTimes(1));
  found = [{ person: 'oak', picture: 'f00d', isHere: true }];
  await vi.waitFor(() => expect(all.of('oak')).toContain('f00d'));
});
