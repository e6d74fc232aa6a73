/** Returns whether the user can be looking at the page: it is visible, and its window has the focus. */
export const isPageFocused = () => document.visibilityState === 'visible' && document.hasFocus();

/** Calls `callback` whenever the page becomes visible and focused. Returns a function that stops it. */
export function onPageFocused(callback: () => void): () => void {
  const changed = () => isPageFocused() && callback();
  window.addEventListener('focus', changed);
  document.addEventListener('visibilitychange', changed);
  return () => {
    window.removeEventListener('focus', changed);
    document.removeEventListener('visibilitychange', changed);
  };
}
