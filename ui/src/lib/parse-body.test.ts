import { expect, test } from 'vitest';
import { parseBody } from './parse-body';

const paragraph = (text: string) => [{ type: 'paragraph', children: [{ type: 'text', text }] }];

test('what people type stays as they typed it', () => {
  for (const text of [
    'say 1 *2* 3',
    '# not a title',
    '- x_y_z',
    '<b>bold</b>',
    'a\\*b',
    '&amp;',
    '    four',
    '[a](b)',
    '1. x',
  ]) {
    expect(parseBody(text)).toEqual(paragraph(text));
    expect(parseBody(`${text} @`).map((b) => b.type)).toEqual(['paragraph']);
  }
});

test('code is told from text', () => {
  expect(parseBody('use `--profile` now')).toEqual([
    {
      type: 'paragraph',
      children: [
        { type: 'text', text: 'use ' },
        { type: 'code', text: '--profile' },
        { type: 'text', text: ' now' },
      ],
    },
  ]);
  expect(parseBody('```raku\nsay 1;\n```')).toEqual([
    { type: 'code', text: 'say 1;', language: 'raku' },
  ]);
});

test('only links that cannot run anything are links', () => {
  expect(parseBody('see https://raku.org/x')[0]).toMatchObject({
    children: [{ type: 'text' }, { type: 'link', url: 'https://raku.org/x' }],
  });
  for (const text of ['javascript://alert(1)', 'file:///etc/passwd', 'data://x']) {
    expect(JSON.stringify(parseBody(text))).not.toContain('"link"');
  }
});
