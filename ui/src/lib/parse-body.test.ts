import { expect, test } from 'vitest';
import { parse, parseBody, type Block } from './parse-body';

const text = (value: string) => ({ type: 'text', text: value });
const paragraph = (...children: unknown[]) => [{ type: 'paragraph', children }];

test('what people type and mean stays as they typed it', () => {
  for (const body of [
    'say 1 * 2 * 3',
    '#hashtag',
    'a_snake_case_name',
    '<b>bold</b> & <script>alert(1)</script>',
    '[x]: https://example.org',
    '    four spaces',
    'line one\nline two',
    'a :) b',
  ]) {
    const blocks = parseBody(body);
    expect(blocks.map((block) => block.type)).toEqual(['paragraph']);
    const said = JSON.stringify(blocks).replaceAll('\\n', '\n');
    for (const word of body.trim().split(/\s+/)) expect(said).toContain(word);
  }
});

test('emphasis, code and what was struck out', () => {
  expect(parseBody('a **b** *c* ~~d~~ `e`')).toEqual(
    paragraph(
      text('a '),
      { type: 'strong', children: [text('b')] },
      text(' '),
      { type: 'emphasis', children: [text('c')] },
      text(' '),
      { type: 'delete', children: [text('d')] },
      text(' '),
      { type: 'code', text: 'e' },
    ),
  );
  expect(parseBody('```raku\nsay 1;\n```')).toEqual([
    { type: 'code', text: 'say 1;', language: 'raku' },
  ]);
});

test('titles, quotes, lists, tasks, tables and rules', () => {
  const types = (blocks: Block[]) => blocks.map((block) => block.type);
  expect(
    types(parseBody('# title\n\n> said\n\n- one\n\n---\n\n| a | b |\n| - | -: |\n| 1 | 2 |')),
  ).toEqual(['heading', 'quote', 'list', 'rule', 'table']);
  expect(parseBody('3. three\n4. four')[0]).toMatchObject({ type: 'list', start: 3 });
  expect(parseBody('- [x] done\n- [ ] open')[0]).toMatchObject({
    items: [{ checked: true }, { checked: false }],
  });
  expect(parseBody('| a | b |\n| - | -: |\n| 1 | 2 |')[0]).toMatchObject({
    rows: [
      [{ align: null }, { align: 'right' }],
      [{}, { children: [text('2')] }],
    ],
  });
});

test('only links that cannot run anything are links, and nothing is fetched', () => {
  expect(parseBody('see https://raku.org/x')[0]).toMatchObject({
    children: [{ type: 'text' }, { type: 'link', url: 'https://raku.org/x' }],
  });
  expect(parseBody('![a cat](https://a.org/cat.png)')[0]).toMatchObject({
    children: [{ type: 'link', url: 'https://a.org/cat.png', children: [text('a cat')] }],
  });
  for (const url of [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'JaVaScRiPt:x',
  ]) {
    const said = JSON.stringify(parseBody(`[click](${url}) <${url}>`));
    expect(said).not.toContain('"link"');
    expect(said).toContain(url.slice(0, 8));
  }
});

test('what is nested for its own sake is shown as it was written, at once', () => {
  for (const body of [
    '>'.repeat(20_000),
    '- '.repeat(5_000),
    '*a_ '.repeat(8_000),
    '- a\n'.repeat(9_000),
  ]) {
    // Each of them would take seconds, or the stack.
    expect(JSON.stringify(parseBody(body)).length).toBeGreaterThanOrEqual(body.length);
  }
});

test('what is not parsed would have come out of it as it went in', () => {
  const pieces = [...'`~*_[]\\\\|&<>@:.-+#!()/; \n1aé,', 'www', 'b@c', '](', '&amp;', ' \n', 'ab'];
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  // Texts side by side are one, and white space at the ends of lines is not seen.
  const shown = (blocks: Block[]) =>
    JSON.stringify(blocks)
      .replaceAll('"},{"type":"text","text":"', '')
      .replaceAll(/(?:\\n| )+/g, ' ');
  for (let run = 0; run < 20_000; run++) {
    const body = Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]!);
    const text = body.join('').trim();
    if (text === '') continue;
    const [blocks, parsed] = [parseBody(text), parse(text)];
    if (parsed.length > 0) expect(shown(blocks), JSON.stringify(text)).toBe(shown(parsed));
  }
});
