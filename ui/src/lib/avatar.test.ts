import { expect, test } from 'vitest';
import { colourOf, lettersOf } from './avatar';

test('letters of every script are used, and the colour of a name is stable', () => {
  expect(lettersOf('[Coke]')).toBe('CO');
  expect(lettersOf('李四')).toBe('李四');
  expect(lettersOf('__')).toBe('?');
  expect(lettersOf('-é٣')).toBe('É٣');
  expect(colourOf('wren')).toBe(colourOf('wren'));
});

test('every ASCII character is a letter or digit exactly if Unicode says so', () => {
  for (let code = 0; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    const isLetter = /[\p{L}\p{N}]/u.test(character);
    expect(lettersOf(character)).toBe(isLetter ? character.toUpperCase() : '?');
  }
});
