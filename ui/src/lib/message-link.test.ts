import { expect, test } from 'vitest';
import { createMessageLink, messageIdOfLink } from './message-link';

const ID = '0199ffff-0000-7000-8000-0000000000dc';

test('only a link to a message on this server gives its id', () => {
  const link = createMessageLink('https://chat.example/', ID);
  expect(link).toBe(`https://chat.example/message#${ID}`);
  expect(messageIdOfLink(link, 'https://chat.example')).toBe(ID);
  expect(messageIdOfLink(link, 'https://chat.example.org')).toBeNull();
  expect(messageIdOfLink(`https://chat.example/message#x`, 'https://chat.example')).toBeNull();
  expect(messageIdOfLink(`https://evil.example/message#${ID}`, 'https://chat.example')).toBeNull();
});
