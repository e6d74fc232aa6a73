import { common, createLowlight } from 'lowlight';

/** Knows the commonest languages. A module of its own, so that the page starts without it. */
export const highlighter = createLowlight(common);
