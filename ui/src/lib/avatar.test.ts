import { expect, test } from 'vitest';
import { colourOf, lettersOf } from './avatar';

test('letters of every script are used, and the colour of a name is stable', () => {
  expect(lettersOf('[Coke]')).toBe('CO');
  expect(lettersOf('李四')).toBe('李四');
  expect(lettersOf('__')).toBe('?');
  expect(colourOf('wren')).toBe(colourOf('wren'));
});
