import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Writes characters beyond Latin-1 as escapes. WebKit stores a script that contains one such character with two bytes
 * per character, which takes twice the memory and longer to parse. In a string, a template or a regular expression (a
 * bundle has such characters nowhere else) an escape means the same.
 */
const latin1: Plugin = {
  name: 'latin1',
  // Runs after the minifier, which would undo it.
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\xff]/g, escaped);
    }
  },
};

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** In a browser without Tauri, `npm run dev` shows the UI with made-up conversations. */
const madeUp: Plugin = {
  name: 'made-up',
  apply: 'serve',
  transformIndexHtml: () => [
    { tag: 'script', attrs: { type: 'module', src: '/src/ipc/browser.ts' }, injectTo: 'head' },
  ],
};

/** Fails a production build that contains any of the made-up data. */
const nothingMadeUp: Plugin = {
  name: 'nothing-made-up',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const found = chunks.flatMap((chunk) => chunk.moduleIds).filter((id) => FAKE.test(id));
    if (found.length > 0) this.error(`only for development: ${found.join(', ')}`);
  },
};

const FAKE = /\/src\/ipc\/(fake|browser)|\/@tauri-apps\/api\/mocks/;

/** Fails a build whose first script contains a view that is shown later (src/views/lazy.ts), or the list of emoji. */
const firstScript: Plugin = {
  name: 'first-script',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk' && file.isEntry);
    const ids = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
    const late = ids.filter((id) => LATER.test(id));
    if (late.length > 0) this.error(`not needed for the first paint: ${late.join(', ')}`);
  },
};

const LATER =
  /\/emojibase-data\/|\/src\/components\/(account|administration|inbox|panels)\/|\/src\/views\/(Administration|Closed|Dialogs|InboxView|Panels|SignIn)\./;

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), latin1, madeUp, nothingMadeUp, firstScript],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  // Assets are never inlined into styles as `data:` URLs, which the page may not load (tauri.conf.json).
  build: {
    target: 'safari16',
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The code for the first paint is one file: code that it shares with later views is not split off.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } },
    },
  },
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  test: { environment: 'jsdom', css: true, include: ['src/**/*.test.ts'] },
}));
