/**
 * A message's text as a tree: code in fences and backticks, links, and text that stays as it was
 * written. The tree becomes nodes; no HTML of a message ever reaches the page.
 */
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'link'; text: string; url: string };
export type Block =
  { type: 'paragraph'; children: Inline[] } | { type: 'code'; text: string; language: string };

/** Constructs that would eat characters which people type and mean: `*`, `_`, `#`, `<`, indents. */
const OFF = [
  'attention',
  'autolink',
  'blockQuote',
  'characterEscape',
  'characterReference',
  'codeIndented',
  'definition',
  'headingAtx',
  'htmlFlow',
  'htmlText',
  'labelEnd',
  'labelStartImage',
  'labelStartLink',
  'list',
  'setextUnderline',
  'thematicBreak',
  'hardBreakEscape',
  'hardBreakTrailing',
];
/** A text with none of these has nothing to parse, and most have none. */
const SPECIAL = /[`~]|:\/\/|www\.|@/;
const SCHEMES = ['http:', 'https:', 'mailto:'];

export function parseBody(body: string): Block[] {
  if (!SPECIAL.test(body)) return [{ type: 'paragraph', children: [{ type: 'text', text: body }] }];
  const tree: Root = fromMarkdown(body, {
    extensions: [gfmAutolinkLiteral(), { disable: { null: OFF } }],
    mdastExtensions: [gfmAutolinkLiteralFromMarkdown()],
  });
  return tree.children.flatMap((node): Block[] => {
    if (node.type === 'code')
      return [{ type: 'code', text: node.value, language: node.lang ?? '' }];
    if (node.type !== 'paragraph') return [];
    return [{ type: 'paragraph', children: node.children.flatMap(inline) }];
  });
}

function inline(node: Nodes): Inline[] {
  if (node.type === 'text') return [{ type: 'text', text: node.value }];
  if (node.type === 'inlineCode') return [{ type: 'code', text: node.value }];
  if (node.type === 'link') return [link(node.url, textOf(node))];
  return 'children' in node ? node.children.flatMap(inline) : [];
}

function link(url: string, text: string): Inline {
  const scheme = URL.canParse(url) ? new URL(url).protocol : '';
  return SCHEMES.includes(scheme) ? { type: 'link', text, url } : { type: 'text', text };
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}
