import { expect, test } from 'vitest';
import { linkTo, messageLink } from './message-link';

const ID = '0199ffff-0000-7000-8000-0000000000dc';

test('a link to a message of this server leads back to it, and no other link does', () => {
  const link = linkTo('https://chat.example/', ID);
  expect(link).toBe(`https://chat.example/message#${ID}`);
  expect(messageLink(link, 'https://chat.example')).toBe(ID);
  expect(messageLink(link, 'https://chat.example.org')).toBeNull();
  expect(messageLink(`https://chat.example/message#x`, 'https://chat.example')).toBeNull();
  expect(messageLink(`https://evil.example/message#${ID}`, 'https://chat.example')).toBeNull();
});
