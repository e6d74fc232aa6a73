/** Loads the letters that most text is written in. Nothing is shown before: text is laid out once. */
export const loadFonts = () =>
  Promise.allSettled(
    ['Inter Variable', 'JetBrains Mono Variable'].map((name) =>
      document.fonts.load(`1em "${name}"`),
    ),
  );

/**
 * Loads the letters of the other scripts. The first such letter that somebody scrolled to would else lay out the
 * whole page anew, which takes longer than a frame.
 */
export const loadOtherFonts = () =>
  Promise.allSettled([...document.fonts].map((face) => face.load()));
