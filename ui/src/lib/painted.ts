/** Resolves once the page is painted as it is now: after layout, when the second frame begins. */
export const nextPaint = () =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

/** Maximum time to wait for the paint, in milliseconds, since a hidden page is not painted. */
const TIMEOUT_MS = 50;
/** Resolves once the page is painted as it is now, or after the timeout. */
export const nextPaintOrTimeout = () =>
  Promise.race([nextPaint(), new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS))]);

let lastInput: Promise<unknown> = Promise.resolve();
window.addEventListener('input', () => {
  lastInput = nextPaintOrTimeout();
});

/**
 * Resolves once everything typed so far is painted. New messages wait for it, so that a key press is always shown
 * first.
 */
export const inputPainted = () => lastInput;
