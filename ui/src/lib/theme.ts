/** Light or dark as chosen; a page that shows no account yet, or is locked, looks as it did before. */
import { onPage, setOnPage, SETTINGS, type THEMES } from './settings';

export type Theme = (typeof THEMES)[number];

/** Shows the theme; that of the system is nobody's choice. */
export function showTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  setOnPage(SETTINGS.shownTheme, theme);
}

/** Shows the theme that was shown last on this device. */
export const startTheme = () => showTheme(onPage(SETTINGS.shownTheme));
