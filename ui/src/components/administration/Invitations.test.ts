import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc, NewLink, OpenInvitation, SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import Invitations from './Invitations.svelte';

const LINK = 'https://a.example/join#c0ffee';
const DAY = 24 * 3600 * 1000;
const open: OpenInvitation = {
  ...{ id: 'a', role: 'member', usesLeft: 4, expiresAt: Date.now() + 20 * DAY },
  createdAt: Date.now(),
  createdBy: { id: 'wren', username: 'wren', name: 'Wren Okafor' },
  ...{ note: 'Summer school', groups: [{ id: 'g', title: 'workshop' }] },
};

function renderPage(ipc: Partial<Ipc> = {}, connection = 'online') {
  const qr = { size: 29, path: 'M4 4h7v7h-7z' };
  const newLink: NewLink = {
    id: 'b',
    link: LINK,
    qr,
    usesLeft: 5,
    expiresAt: Date.now() + 7 * DAY,
  };
  const invite = vi.fn((_: Parameters<Ipc['invite']>[0]) => Promise.resolve(newLink));
  const app = createApp({ invite, invitations: () => Promise.resolve([open]), ...ipc });
  app.status = { connection } as SyncStatus;
  app.administration.page = 'invitations';
  const target = render(Invitations, {}, app);
  const submit = async () => {
    target.querySelector('form')!.requestSubmit();
    await tick();
    await vi.waitFor(() => expect(app.administration.busy).toBe(false));
    flushSync();
  };
  return { app, target, invite, submit };
}

test('an invitation is created as requested, and its link is shown once', async () => {
  const { app, target, invite, submit } = renderPage();
  await submit();
  expect(invite).toHaveBeenCalledWith({
    role: 'member',
    uses: 5,
    lifetimeMs: 7 * DAY,
    note: '',
    groups: [],
  });
  const link = target.querySelector<HTMLInputElement>('input[readonly]')!;
  expect(link.value).toBe(LINK);
  expect(document.activeElement?.textContent).toBe(text.copyLink);
  const code = target.querySelector('svg[role=img]')!;
  expect(code.getAttribute('aria-label')).toBe(text.qrOfLink);
  expect(code.querySelector('path')!.getAttribute('d')).toBe('M4 4h7v7h-7z');
  app.administration.open('people');
  app.administration.open('invitations');
  flushSync();
  expect(target.innerHTML).not.toContain('c0ffee');
});

test('an invitation has a note and groups to join', async () => {
  const { app, target, invite, submit } = renderPage();
  const group = (id: string, title: string, more = {}) =>
    ({ ...{ id, title, kind: 'group', archived: false, left: false }, ...more }) as never;
  app.conversations = [
    ...[group('b', 'Öl'), group('a', 'oak'), group('c', 'gone', { left: true })],
    ...[group('d', 'old', { archived: true }), group('e', 'wren', { kind: 'p2p' })],
  ];
  flushSync();
  const groupField = target.querySelector<HTMLInputElement>('.groups [role=combobox]')!;
  for (const words of ['ol', 'OAK']) {
    groupField.value = words;
    groupField.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
    expect(target.querySelectorAll('[role=option]')).toHaveLength(1);
    target.querySelector<HTMLElement>('[role=option]')!.click();
    flushSync();
  }
  target.querySelector<HTMLButtonElement>('.groups button')!.click();
  const note = target.querySelector<HTMLInputElement>('input.note')!;
  note.value = 'Parsers team';
  note.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  await submit();
  const request = invite.mock.calls[0]![0];
  expect([request.note, request.groups]).toEqual(['Parsers team', ['a']]);
  const tableText = target.querySelector('tbody')!.textContent;
  for (const part of ['Summer school', 'workshop', 'Wren Okafor', '@wren'])
    expect(tableText).toContain(part);
});

test('an invitation for an administrator works once, within a day', async () => {
  const { target, invite, submit } = renderPage();
  const radio = target.querySelector<HTMLInputElement>('input[value=administrator]')!;
  radio.click();
  flushSync();
  expect(target.textContent).toContain(text.administratorOnce);
  expect(target.querySelector('select[id$=uses]')).toBeNull();
  await submit();
  expect(invite).toHaveBeenCalledWith({
    ...{ role: 'administrator', uses: 1, lifetimeMs: DAY },
    ...{ note: '', groups: [] },
  });
});

test('a refusal by the server is shown, and no link', async () => {
  const { target, submit } = renderPage({
    invite: () => Promise.reject(new Error('Not any more.')),
  });
  await submit();
  expect(target.querySelector('[role=alert]')!.textContent).toBe('Not any more.');
  expect(target.querySelector('input[readonly]')).toBeNull();
});

test('an invitation is revoked only after confirmation', async () => {
  const revokeInvitation = vi.fn(() => Promise.resolve(null));
  const { app, target } = renderPage({ revokeInvitation });
  await app.administration.load();
  flushSync();
  const row = target.querySelector<HTMLElement>('tbody tr')!;
  row.focus();
  row.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(app.confirmation!.details).toContain('4 people could still join');
  expect(revokeInvitation).not.toHaveBeenCalled();
  app.runConfirmed();
  expect(revokeInvitation).toHaveBeenCalledWith('a');
});

test('no invitation can be created offline, and the reason is shown', async () => {
  const { target, invite, submit } = renderPage({}, 'offline');
  expect(target.querySelector<HTMLButtonElement>('form button')!.disabled).toBe(true);
  expect(target.querySelector('form')!.textContent).toContain(text.youAreOffline);
  await submit();
  expect(invite).not.toHaveBeenCalled();
});
