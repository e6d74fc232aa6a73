/** Loads the fonts of most text. The page shows nothing before, so that text is laid out only once. */
export const loadFonts = () =>
  Promise.allSettled(
    ['Inter Variable', 'JetBrains Mono Variable'].map((name) =>
      document.fonts.load(`1em "${name}"`),
    ),
  );

/**
 * Loads the fonts of the other scripts. Otherwise the first such letter that is scrolled into view would lay out the
 * whole page again, which takes longer than a frame.
 */
export const loadOtherFonts = () =>
  Promise.allSettled([...document.fonts].map((face) => face.load()));
