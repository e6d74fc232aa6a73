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
