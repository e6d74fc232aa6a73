/** Splits a text into parts, in which every occurrence of a word is marked, in any letter case. */
export function splitByWord(
  text: string,
  word: string | null,
): { text: string; isMarked: boolean }[] {
  if (!word) return [{ text, isMarked: false }];
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s+');
  return text
    .split(new RegExp(`(${escaped})`, 'iu'))
    .map((text, index) => ({ text, isMarked: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}
