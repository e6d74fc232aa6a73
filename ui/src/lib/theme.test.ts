import { expect, test } from 'vitest';
import { showTheme, startTheme } from './theme';

const shown = () => document.documentElement.dataset.theme;

test('the theme is the same at the next start, before an account is open', () => {
  showTheme('dark');
  delete document.documentElement.dataset.theme;
  startTheme();
  expect(shown()).toBe('dark');
  showTheme('system');
  startTheme();
  expect(shown()).toBeUndefined();
  localStorage.setItem('theme', 'nonsense');
  startTheme();
  expect(shown()).toBeUndefined();
});
