import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import noBareText from './eslint/no-bare-text.js';

/** Forbids imports: each tier may import only from those below it. */
const forbid = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const refuse = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));
const restricted = (...refused) => ({
  'no-restricted-syntax': refused.length > 0 ? ['error', ...refused] : 'off',
});
const times = refuse(
  'lib/format-time.ts writes times.',
  'MemberExpression[property.name=/^toLocale(Date|Time)String$/]',
  "MemberExpression[object.name='Intl'][property.name='DateTimeFormat']",
);
const settings = refuse(
  'lib/settings.ts has every setting; state/setting-store.ts reads and writes them.',
  'CallExpression[callee.property.name=/^(setting|setSetting)$/]',
  "MemberExpression[object.name='localStorage']",
);
const tauri = { group: ['@tauri-apps/*', '**/bindings.gen'], message: 'Only ipc/ knows Tauri.' };

export default ts.config(
  { ignores: ['dist', 'src/ipc/bindings.gen.ts'] },
  ...ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  { languageOptions: { globals: globals.browser } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
    },
  },
  { files: ['src/**'], rules: restricted(...times, ...settings) },
  { files: ['src/lib/format-time*'], rules: restricted(...settings) },
  {
    files: ['src/lib/settings.ts', 'src/state/setting-store.ts', '**/*.test.ts'],
    rules: restricted(...times),
  },
  { files: ['src/lib/format-time.test.ts'], rules: restricted() },
  {
    files: ['src/**'],
    ignores: ['src/lib/text/*/**', 'src/ipc/fake/**', '**/*.test.ts'],
    plugins: { text: { rules: { 'no-bare-text': noBareText } } },
    rules: { 'text/no-bare-text': 'error' },
  },
  forbid(['src/{views,components,state,lib}/**', 'src/*'], [tauri]),
  forbid(
    ['src/state/**'],
    [tauri, { group: ['**/components/*', '**/views/*'], message: 'State has no look.' }],
  ),
  forbid(
    ['src/lib/**'],
    [tauri, { group: ['**/state/*', '**/components/*', '**/views/*'], message: 'Pure functions.' }],
  ),
  forbid(
    ['src/components/shared/**'],
    [tauri, { group: ['../!(shared)/**', '**/state/*', '**/ipc*'], message: 'Knows no domain.' }],
  ),
);
