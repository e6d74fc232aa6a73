/**
 * A message's text as a tree, after CommonMark 0.31 with GitHub's tables, task lists, strikethrough and
 * bare links. The tree becomes nodes; no HTML of a message ever reaches the page.
 *
 * Three things of CommonMark are off, because they would eat characters that people type and mean: HTML
 * (it is shown as it was written), definitions of links, and titles underlined with dashes. Code by
 * indentation is off too: pasted text keeps its spaces. A new line is a new line.
 */
import type { AlignType, Nodes, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';
import { gfmTable } from 'micromark-extension-gfm-table';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'strong' | 'emphasis' | 'delete'; children: Inline[] }
  | { type: 'link'; url: string; children: Inline[] };
export type Item = { checked: boolean | null; children: Block[] };
export type Cell = { align: 'left' | 'right' | 'center' | null; children: Inline[] };
export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'heading'; depth: number; children: Inline[] }
  | { type: 'code'; text: string; language: string }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; start: number | null; items: Item[] }
  | { type: 'table'; rows: Cell[][] }
  | { type: 'rule' };

const OFF = ['codeIndented', 'definition', 'htmlFlow', 'htmlText', 'setextUnderline'];
/** A text with none of these has nothing to parse, and most have none: one sign alone is a sign. */
const SPECIAL = new RegExp(
  [
    /`[^]*`|~~|\*\S[^]*\*|(?:^|[^\p{L}\p{N}])_\S[^]*_/u,
    /\]\(|<[^\s<>]*[:@][^\s<>]*>|&#?\w+;|\\[!-/:-@[-`{-~\n]/u,
    /:\/\/|www\.|[\w.+-]@[\w.-]/u,
    /\n[^\S\n]*[\n|:]|^[^\S\n]*(?:[-#>+*_~]|\d+[.)])/u,
  ]
    .map((sign) => sign.source)
    .join('|'),
  'mu',
);
const SCHEMES = ['http:', 'https:', 'mailto:'];
/** Quotes in quotes and lists in lists beyond this are shown as they were written. */
const DEEPEST = 12;
const NESTING = new RegExp(`^(?:[^\\S\\n]*(?:>|[-+*]|\\d+[.)])){${DEEPEST}}`, 'm');

/** Signs whose cost grows with each other's number: more of them than this are shown as they were written. */
const SIGNS = /[*_]+|^[^\S\n]*(?:[-+>]|\d+[.)])|\|/gm;
const MOST_SIGNS = 600;
const FENCED = /^ {0,3}```[\s\S]*?^ {0,3}```/gm;
const isCostly = (body: string) =>
  (body.replace(FENCED, '').match(SIGNS)?.length ?? 0) > MOST_SIGNS;

const extensions = [
  gfmAutolinkLiteral(),
  gfmStrikethrough({ singleTilde: false }),
  gfmTable(),
  gfmTaskListItem(),
  { disable: { null: OFF } },
];
const mdastExtensions = [
  gfmAutolinkLiteralFromMarkdown(),
  gfmStrikethroughFromMarkdown(),
  gfmTableFromMarkdown(),
  gfmTaskListItemFromMarkdown(),
];

const plain = (text: string): Block[] => [
  { type: 'paragraph', children: [{ type: 'text', text }] },
];

export function parseBody(body: string): Block[] {
  if (!SPECIAL.test(body) || NESTING.test(body) || isCostly(body)) return plain(body);
  return parse(body);
}

/** The same, without a look at whether there is anything to parse. */
export function parse(body: string): Block[] {
  const tree = fromMarkdown(body, { extensions, mdastExtensions });
  const blocks = tree.children.flatMap(block);
  return blocks.length > 0 ? blocks : plain(body);
}

function block(node: RootContent): Block[] {
  switch (node.type) {
    case 'paragraph':
      return [{ type: 'paragraph', children: inlines(node.children) }];
    case 'heading':
      return [{ type: 'heading', depth: node.depth, children: inlines(node.children) }];
    case 'code':
      return [{ type: 'code', text: node.value, language: node.lang ?? '' }];
    case 'blockquote':
      return [{ type: 'quote', children: node.children.flatMap(block) }];
    case 'list':
      return [
        {
          type: 'list',
          start: node.ordered ? (node.start ?? 1) : null,
          items: node.children.map((item) => ({
            checked: item.checked ?? null,
            children: item.children.flatMap(block),
          })),
        },
      ];
    case 'table':
      return [
        {
          type: 'table',
          rows: node.children.map((row) =>
            row.children.map((cell, at) => ({
              align: (node.align?.[at] ?? null) as Exclude<AlignType, undefined>,
              children: inlines(cell.children),
            })),
          ),
        },
      ];
    case 'thematicBreak':
      return [{ type: 'rule' }];
    default:
      return [];
  }
}

const inlines = (nodes: PhrasingContent[]): Inline[] => nodes.flatMap(inline);

function inline(node: PhrasingContent): Inline[] {
  switch (node.type) {
    case 'text':
      return [{ type: 'text', text: node.value }];
    case 'break':
      return [{ type: 'text', text: '\n' }];
    case 'inlineCode':
      return [{ type: 'code', text: node.value }];
    case 'strong':
    case 'emphasis':
    case 'delete':
      return [{ type: node.type, children: inlines(node.children) }];
    case 'link':
      return link(node.url, inlines(node.children));
    case 'image':
      // Nothing is fetched that a message names.
      return link(node.url, [{ type: 'text', text: node.alt || node.url }]);
    default:
      return [{ type: 'text', text: textOf(node) }];
  }
}

function link(url: string, children: Inline[]): Inline[] {
  const scheme = URL.canParse(url) ? new URL(url).protocol : '';
  if (SCHEMES.includes(scheme)) return [{ type: 'link', url, children }];
  // What leads nowhere says where it would have led.
  const shown = children.map((child) => ('text' in child ? child.text : '')).join('');
  return shown === url || url === ''
    ? children
    : [...children, { type: 'text', text: ` (${url})` }];
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}
