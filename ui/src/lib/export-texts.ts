import type { ExportTexts } from '../ipc';
import { text } from './text';

/** Returns the words on exported pages, which the program writes, with a title. */
export const getExportTexts = (title: string): ExportTexts => ({
  ...text.exportWords,
  language: document.documentElement.lang,
  direction: document.documentElement.dir || 'ltr',
  title,
});
