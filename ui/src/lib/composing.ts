/**
 * Whether a key belongs to an input method, which writes with it or has it choose a word: it is neither
 * Enter nor Escape to anybody else. WebKit on macOS ends the word before it tells of the key that accepted
 * it, and marks that key by the number 229 alone.
 */
export const isComposing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;
