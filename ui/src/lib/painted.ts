/** What is on the page was painted: after layout, when the second frame begins. */
export const painted = () =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
