import { expect, test } from 'vitest';
import { colourOf, lettersOf } from './avatar';

test('letters are found in any script, and a colour does not change', () => {
  expect(lettersOf('[Coke]')).toBe('CO');
  expect(lettersOf('李四')).toBe('李四');
  expect(lettersOf('__')).toBe('?');
  expect(colourOf('wren')).toBe(colourOf('wren'));
});
