/** Whether somebody looks at the page: it can be seen, and its window has the focus. */
export const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus();

/** Calls back whenever somebody turns to the page. Answers what ends it. */
export function whenLookedAt(look: () => void): () => void {
  const turned = () => isLookedAt() && look();
  window.addEventListener('focus', turned);
  document.addEventListener('visibilitychange', turned);
  return () => {
    window.removeEventListener('focus', turned);
    document.removeEventListener('visibilitychange', turned);
  };
}
