/**
 * Returns whether a key belongs to an input method, which composes text with it or lets the user choose a word. Nothing
 * else may then take it for Enter or Escape. WebKit on macOS ends the composition before it reports the key that
 * accepted the word, and marks that key only by `keyCode` 229.
 */
export const isComposing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;
