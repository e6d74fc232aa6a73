import type { Nodes } from 'hast';
import { highlighter } from './languages';

/** A part of code with the CSS class that colours it, or '' for none. */
export type CodeToken = { text: string; class: string };

/** Maximum number of tokens. Code with more stays plain, since every token needs a DOM node. */
const MAX_TOKENS = 2_000;

/** Splits code into tokens. Returns null if it stays plain: the language is unknown, or there are too many tokens. */
export function tokenize(code: string, language: string): CodeToken[] | null {
  const name = language.toLowerCase();
  if (!highlighter.registered(name)) return null;
  const tokens: CodeToken[] = [];
  const visit = (node: Nodes, classes: string) => {
    if (node.type === 'text') add(tokens, node.value, classes);
    else if (node.type === 'root') node.children.forEach((child) => visit(child, classes));
    else if (node.type === 'element') {
      const classNames = node.properties.className;
      const nodeClasses = Array.isArray(classNames) ? classNames.join(' ') : classes;
      node.children.forEach((child) => visit(child, nodeClasses));
    }
  };
  visit(highlighter.highlight(name, code), '');
  return tokens.length > MAX_TOKENS ? null : tokens;
}

function add(tokens: CodeToken[], text: string, classes: string) {
  const last = tokens.at(-1);
  if (last?.class === classes) last.text += text;
  else tokens.push({ text, class: classes });
}
