import { expect, test } from 'vitest';
import { markMentions } from './mentions';

const text = (words: string) => [{ type: 'text' as const, text: words }];

test('names are marked where they end, the longest first, and mine by itself', () => {
  const marked = markMentions(text('@Jen and @jenny wren, @Jennys'), ['jen', 'Jenny Wren'], 'jen');
  expect(marked).toEqual([
    { type: 'mention', text: '@Jen', own: true },
    { type: 'text', text: ' and ' },
    { type: 'mention', text: '@jenny wren', own: false },
    { type: 'text', text: ', @Jennys' },
  ]);
});

test('what is in code, and a name like an expression, are what they are', () => {
  const code = [{ type: 'code' as const, text: '@jen' }];
  expect(markMentions(code, ['jen'], 'x')).toEqual(code);
  expect(markMentions(text('@a.c @abc'), ['a.c'], 'x')[0]).toEqual({
    type: 'mention',
    text: '@a.c',
    own: false,
  });
});
