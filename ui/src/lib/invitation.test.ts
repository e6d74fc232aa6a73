import { expect, test } from 'vitest';
import { addressOf, isInvitation, isLink } from './invitation';

test('an invitation is distinguished from an address, in every encoding', () => {
  for (const mark of ['/join#', '/join%23', '/join/#', '/join/%23', '/join?a=1#']) {
    const link = `https://chat.example.org${mark}c0ffee`;
    expect(isInvitation(link)).toBe(true);
    expect(addressOf(link)).toBe('https://chat.example.org');
  }
  for (const address of ['https://chat.example.org', 'chat.example.org/joinery', '']) {
    expect(isInvitation(address)).toBe(false);
    expect(addressOf(address)).toBe(address);
  }
});

test('the link for another device is not an invitation', () => {
  const link = 'https://chat.example.org/join#.mXJVd1Jx8bCO3EDpyyOvfTL0dc2Jxg0vbjHQ2cTx0IY';
  expect([isInvitation(link), isLink(link)]).toEqual([false, true]);
  expect(isLink('https://chat.example.org')).toBe(false);
  expect(addressOf(link)).toBe('https://chat.example.org');
});
