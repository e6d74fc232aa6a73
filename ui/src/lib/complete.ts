/** What is being typed behind an `@` that begins a word, up to the caret; nothing elsewhere. */
export function mentionAt(body: string, caret: number): { from: number; prefix: string } | null {
  const before = body.slice(0, caret);
  const from = before.lastIndexOf('@');
  if (from < 0 || (from > 0 && /[\p{L}\p{N}_]/u.test(before[from - 1]!))) return null;
  const prefix = before.slice(from + 1);
  // A name may have spaces in it, but not begin with one; and nobody types a name that long.
  if (prefix.length > 50 || /^\s|\n/.test(prefix)) return null;
  return { from, prefix };
}

/** The names that begin so, in any letter case, the shortest first. */
export function namesStarting(names: string[], prefix: string, most: number): string[] {
  const low = prefix.toLocaleLowerCase();
  const fits = names.filter((name) => name.toLocaleLowerCase().startsWith(low));
  return fits.sort((a, b) => a.length - b.length || a.localeCompare(b)).slice(0, most);
}
