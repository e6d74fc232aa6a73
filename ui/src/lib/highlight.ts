/**
 * Colours for code: pieces of text with a class each, never HTML. The languages come with the first block
 * that names one.
 */
import type { Nodes } from 'hast';

export type Piece = { text: string; class: string };

/** Longer code is shown plain: it would take longer than anybody waits. */
const MOST = 20_000;

export async function highlight(code: string, language: string): Promise<Piece[] | null> {
  if (language === '' || code.length > MOST) return null;
  const { highlighter } = await import('./languages');
  const name = language.toLowerCase();
  if (!highlighter.registered(name)) return null;
  const pieces: Piece[] = [];
  const take = (node: Nodes, classes: string) => {
    if (node.type === 'text') pieces.push({ text: node.value, class: classes });
    else if (node.type === 'root') node.children.forEach((child) => take(child, classes));
    else if (node.type === 'element') {
      const own = node.properties.className;
      const named = Array.isArray(own) ? own.join(' ') : classes;
      node.children.forEach((child) => take(child, named));
    }
  };
  take(highlighter.highlight(name, code), '');
  return pieces;
}
