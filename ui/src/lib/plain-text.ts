/** One line of a message without its marks, for where there is room for no more. */
import { parseBody, type Block, type Inline } from './parse-body';

const inline = (node: Inline): string =>
  'text' in node ? node.text : node.children.map(inline).join('');

function block(node: Block): string {
  switch (node.type) {
    case 'code':
      return node.text;
    case 'quote':
      return node.children.map(block).join(' ');
    case 'list':
      return node.items.map((item) => item.children.map(block).join(' ')).join(' ');
    case 'table':
      return node.rows
        .map((cells) => cells.map((c) => c.children.map(inline).join('')).join(' '))
        .join(' ');
    case 'rule':
      return '';
    default:
      return node.children.map(inline).join('');
  }
}

/** Where its lines are one already, what begins a line stands in the middle, and would be read as text. */
const BEGINNINGS = /```[\w+#-]*|(?<=^|\s)(?:[-*] \[[ x]\] |#{1,6} )/g;

/** What is cut in the middle of a mark keeps that mark. */
export function plainText(line: string): string {
  return parseBody(line.replace(BEGINNINGS, ' ')).map(block).join(' ').replace(/\s+/g, ' ').trim();
}
