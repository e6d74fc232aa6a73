/**
 * The theme that was chosen, light or dark. A page without an open account uses the theme that was last shown.
 */
import { readPageSetting, writePageSetting, SETTINGS, type THEMES } from './settings';

export type Theme = (typeof THEMES)[number];

/** Applies a theme. The system's theme is the absence of a choice. */
export function showTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  writePageSetting(SETTINGS.shownTheme, theme);
}

/** Applies the theme that was last shown on this device. */
export const startTheme = () => showTheme(readPageSetting(SETTINGS.shownTheme));
