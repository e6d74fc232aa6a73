/** Returns whether the user can be looking at the page: it is visible, and its window has the focus. */
export const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus();

/** Calls `look` whenever the page becomes visible and focused. Returns a function that ends it. */
export function whenLookedAt(look: () => void): () => void {
  const turned = () => isLookedAt() && look();
  window.addEventListener('focus', turned);
  document.addEventListener('visibilitychange', turned);
  return () => {
    window.removeEventListener('focus', turned);
    document.removeEventListener('visibilitychange', turned);
  };
}
