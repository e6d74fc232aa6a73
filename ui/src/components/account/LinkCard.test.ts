import { expect, test } from 'vitest';
import type { LinkPreview } from '../../ipc';
import { createApp, render } from '../render';
import LinkCard from './LinkCard.svelte';

const preview = (server: {
  name: string | null;
  welcome: string;
  picture?: string;
}): LinkPreview => ({
  server: 'https://chat.example.org',
  fingerprint: null,
  invitation: {
    ...{ invitedBy: 'wren', invitedByName: 'Wren Okafor', role: 'member', expiresAt: 0 },
    ...{ takesOver: null, takesOverName: '' },
    server,
  },
});
const contentOf = (link: LinkPreview) =>
  render(LinkCard, { link, onother: () => undefined }, createApp({})).textContent!;

test('an invitation shows the name, the address and the welcome text of the server', () => {
  const content = contentOf(preview({ name: 'Workshop', welcome: 'Say hello.\nWe do not bite.' }));
  for (const part of ['You are invited to Workshop', 'chat.example.org', 'We do not bite.'])
    expect(content).toContain(part);
  expect(content).toContain('by Wren Okafor (@wren)');
});

test('a server without a name is shown by its address', () => {
  const content = contentOf(preview({ name: null, welcome: '' }));
  expect(content).toContain('You are invited to chat.example.org');
});

test('an invitation for the account of somebody says whose history the user takes over', () => {
  const link = preview({ name: 'Workshop', welcome: '' });
  const invitation = { ...link.invitation!, takesOver: 'thrush', takesOverName: 'Song Thrush' };
  expect(contentOf({ ...link, invitation })).toContain(
    'You take over the history of Song Thrush (@thrush).',
  );
});
