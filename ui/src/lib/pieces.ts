import type { Nodes } from 'hast';
import { highlighter } from './languages';

/** A stretch of code and the class that colours it, '' for none. */
export type Piece = { text: string; class: string };

/** Most pieces that code is split into. More are not worth the nodes that the page would create for them. */
const MOST = 2_000;

/** Returns code in pieces, or null if it stays plain: the language is unknown, or there would be too many pieces. */
export function piecesOf(code: string, language: string): Piece[] | null {
  const name = language.toLowerCase();
  if (!highlighter.registered(name)) return null;
  const pieces: Piece[] = [];
  const take = (node: Nodes, classes: string) => {
    if (node.type === 'text') add(pieces, node.value, classes);
    else if (node.type === 'root') node.children.forEach((child) => take(child, classes));
    else if (node.type === 'element') {
      const own = node.properties.className;
      const named = Array.isArray(own) ? own.join(' ') : classes;
      node.children.forEach((child) => take(child, named));
    }
  };
  take(highlighter.highlight(name, code), '');
  return pieces.length > MOST ? null : pieces;
}

function add(pieces: Piece[], text: string, classes: string) {
  const last = pieces.at(-1);
  if (last?.class === classes) last.text += text;
  else pieces.push({ text, class: classes });
}
