/** Returns whether the user asked the system for less motion: then pictures that move stay still. */
export const isStill = () =>
  window.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
