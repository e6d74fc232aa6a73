/** Returns a text in pieces, in which a word is marked wherever it stands, in any letter case. */
export function marked(text: string, word: string | null): { text: string; isMarked: boolean }[] {
  if (!word) return [{ text, isMarked: false }];
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s+');
  return text
    .split(new RegExp(`(${escaped})`, 'iu'))
    .map((text, at) => ({ text, isMarked: at % 2 === 1 }))
    .filter((part) => part.text !== '');
}
