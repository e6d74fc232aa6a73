import { expect, test } from 'vitest';
import { problemText, text } from '.';

test('an error is described by its reason, or else by its code', () => {
  expect(problemText({ code: 'rate_limited', reason: null })).toBe(text.errors.rate_limited);
  expect(problemText({ code: 'forbidden', reason: { key: 'ownerOnly' } })).toBe(
    text.refusals.ownerOnly,
  );
  const reason = {
    key: 'noAnswer',
    host: 'chat.example.org',
    cause: 'connection refused',
  } as const;
  expect(problemText({ code: 'offline', reason })).toBe(
    'The server at chat.example.org did not respond: connection refused.',
  );
});

test('some of the people who joined are named, and the others are counted', () => {
  const { joined } = text.failures;
  expect(joined({ names: ['robin'], others: 0 })).toMatch(/^robin joined since you wrote this\./);
  expect(joined({ names: ['oak', 'robin'], others: 2 })).toMatch(
    /^oak, robin, and 2 others joined/,
  );
  expect(joined({ names: [], others: 1 })).toMatch(/^1 other joined/);
});
