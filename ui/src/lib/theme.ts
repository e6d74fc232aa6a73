/**
 * The theme that was chosen, light or dark. A page that shows no account yet, or is locked, looks as it did before.
 */
import { onPage, setOnPage, SETTINGS, type THEMES } from './settings';

export type Theme = (typeof THEMES)[number];

/** Applies a theme. The system's theme is the absence of a choice. */
export function showTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  setOnPage(SETTINGS.shownTheme, theme);
}

/** Applies the theme that was last shown on this device. */
export const startTheme = () => showTheme(onPage(SETTINGS.shownTheme));
