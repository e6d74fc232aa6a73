/**
 * Returns a function that creates a value at its first call and returns the same one from then on. For what the first
 * paint does not need: JavaScriptCore reads a pattern when its object is created, and a pattern with Unicode
 * properties takes up to a millisecond.
 */
export function once<T extends object>(create: () => T): () => T {
  let created: T | undefined;
  return () => (created ??= create());
}
