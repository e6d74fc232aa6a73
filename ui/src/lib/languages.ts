import { common, createLowlight } from 'lowlight';

/** A highlighter of the most common languages. It is a module of its own so that the page loads without it. */
export const highlighter = createLowlight(common);
