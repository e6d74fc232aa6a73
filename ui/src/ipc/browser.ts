/**
 * Runs before everything else when `npm run dev` serves the page. Outside of Tauri it installs a fake backend with
 * sample data. `?signIn` and `?closed` choose its initial state, and `?offline` starts it offline.
 */
import { installFake } from './fake';
import { sampleWorld } from './fake/sample-world';
import type { Phase } from './fake/shell';

if (!('__TAURI_INTERNALS__' in window)) {
  const parameters = new URLSearchParams(window.location.search);
  const world = sampleWorld();
  world.isOffline = parameters.has('offline');
  const phases: Phase[] = ['signIn', 'closed'];
  installFake(world, phases.find((phase) => parameters.has(phase)) ?? 'open');
}
