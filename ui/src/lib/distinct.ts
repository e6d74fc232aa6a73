/**
 * Returns the first item with each key. Svelte fails to render a list in which two items have the same key, and a list
 * from a server can have anything in it.
 */
export function distinct<T>(items: readonly T[], keyOf: (item: T) => unknown): T[] {
  const keys = new Set<unknown>();
  return items.filter((item) => {
    const key = keyOf(item);
    return !keys.has(key) && keys.add(key);
  });
}

/** Returns the first item with each id. */
export const distinctById = <T extends { id: unknown }>(items: readonly T[]): T[] =>
  distinct(items, ({ id }) => id);
