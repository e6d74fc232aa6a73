import { expect, test } from 'vitest';
import { parseCommand } from './slash';

test('a command is a known word after a slash, with its argument', () => {
  expect(parseCommand('/topic  the cache ')).toEqual({ name: 'topic', rest: 'the cache' });
  expect(parseCommand('/mute')).toEqual({ name: 'mute', rest: '' });
  for (const text of ['/topic', '/usr/bin/raku', '//me', ' /me waves', '/nothing x', 'a /me', '/'])
    expect(parseCommand(text)).toBeNull();
});
