/** Returns whether the user asked the system for less motion, in which case pictures are not animated. */
export const prefersReducedMotion = () =>
  window.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
