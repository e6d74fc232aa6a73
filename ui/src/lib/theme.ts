/** Light or dark as chosen; a page that shows no account yet, or is locked, looks as it did before. */
const KEY = 'theme';
const CHOSEN = ['light', 'dark'];

/** Shows the theme; any other than light and dark is the system's. */
export function showTheme(theme: string) {
  if (CHOSEN.includes(theme)) {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
  } else {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  }
}

/** Shows the theme that was shown last on this device. */
export function startTheme() {
  showTheme(localStorage.getItem(KEY) ?? '');
}
