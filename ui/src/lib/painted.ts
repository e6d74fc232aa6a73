/** What is on the page was painted: after layout, when the second frame begins. */
export const painted = () =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** A page that is hidden paints nothing; nobody waits for it for longer than this, in milliseconds. */
const LONGEST = 50;
let typed: Promise<unknown> = Promise.resolve();
window.addEventListener('input', () => {
  typed = Promise.race([painted(), new Promise((done) => setTimeout(done, LONGEST))]);
});

/** What was typed until now was painted: what others write waits that long, and is not shown before the key. */
export const typedIsPainted = () => typed;
