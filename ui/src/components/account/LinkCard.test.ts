import { expect, test } from 'vitest';
import type { LinkPreview } from '../../ipc';
import { appWith, mounted } from '../mounted';
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
const shown = (link: LinkPreview) =>
  mounted(LinkCard, { link, onother: () => undefined }, appWith({})).textContent!;

test('an invitation says what the server is called, where it is, and how it welcomes', () => {
  const words = shown(preview({ name: 'Workshop', welcome: 'Say hello.\nWe do not bite.' }));
  for (const part of ['You are invited to Workshop', 'chat.example.org', 'We do not bite.'])
    expect(words).toContain(part);
  expect(words).toContain('by Wren Okafor (@wren)');
});

test('a server without a name is called by its address', () => {
  const words = shown(preview({ name: null, welcome: '' }));
  expect(words).toContain('You are invited to chat.example.org');
});
