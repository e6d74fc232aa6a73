import type { Block, Inline, TimelineItem } from '../ipc';

/** Loads a font. It is not an error if it cannot be loaded: the text is shown in another one. */
const load = (name: string) => document.fonts.load(`1em "${name}"`).catch(() => []);

/** Loads the font of most text. The page shows nothing before, so that text is laid out only once. */
export const loadFont = () => load('Inter Variable');

/** Loads the font of code if one of these messages contains code, which most first pages do not. */
export async function loadCodeFontFor(items: TimelineItem[]) {
  if (items.some((item) => item.blocks?.some(hasCode))) await load('JetBrains Mono Variable');
}

/**
 * Loads all other fonts. Otherwise the first letter of another script, or the first code, that is scrolled into view
 * would lay out the whole page again, which takes longer than a frame.
 */
export const loadOtherFonts = () =>
  Promise.allSettled([...document.fonts].map((face) => face.load()));

function hasCode(part: Block | Inline): boolean {
  if (part.type === 'code') return true;
  if ('children' in part) return part.children.some(hasCode);
  if (part.type === 'list') return part.items.some(({ children }) => children.some(hasCode));
  return part.type === 'table' && part.rows.flat().some(({ children }) => children.some(hasCode));
}
