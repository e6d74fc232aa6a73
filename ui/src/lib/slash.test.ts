import { expect, test } from 'vitest';
import { commandOf } from './slash';

test('a command is a known word behind a slash, with what it asks for', () => {
  expect(commandOf('/topic  the cache ')).toEqual({ name: 'topic', rest: 'the cache' });
  expect(commandOf('/mute')).toEqual({ name: 'mute', rest: '' });
  for (const text of ['/topic', '/usr/bin/raku', '//me', ' /me waves', '/nothing x', 'a /me', '/'])
    expect(commandOf(text)).toBeNull();
});
