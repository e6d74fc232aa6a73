/** A person's or group's colour and letters. White on each colour has a contrast of 4.5 or more. */

const COLOURS = [
  '#3b5b8c',
  '#7a4a78',
  '#8a5a2b',
  '#3f7049',
  '#2f6f7a',
  '#80533f',
  '#6b5b2e',
  '#5a5f9e',
  '#9a4a4a',
];

/** Always the same for the same name (FNV-1a). */
export function colourOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const unit of name) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  return COLOURS[(hash >>> 0) % COLOURS.length]!;
}

/** The first two letters or digits, upper case. */
export function lettersOf(name: string): string {
  const letters = [...name].filter((c) => /[\p{L}\p{N}]/u.test(c));
  return letters.slice(0, 2).join('').toUpperCase() || '?';
}
