/** Resolves once the page is painted as it is now: after layout, when the second frame begins. */
export const painted = () =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** Longest wait for the paint, in milliseconds, since a hidden page paints nothing. */
const LONGEST = 50;
/** Resolves once the page is painted as it is now, or after a moment. */
export const soonPainted = () =>
  Promise.race([painted(), new Promise((done) => setTimeout(done, LONGEST))]);

let typed: Promise<unknown> = Promise.resolve();
window.addEventListener('input', () => {
  typed = soonPainted();
});

/**
 * Resolves once everything typed so far is painted. New messages wait for it, so that a key press is always shown
 * first.
 */
export const typedIsPainted = () => typed;
