/**
 * Read before everything else while `npm run dev` serves the page: where no program is behind it, a made-up one is.
 * `?signIn`, `?closed` and `?offline` begin it so.
 */
import { installFake } from './fake';
import { madeUp } from './fake/made-up';
import type { Phase } from './fake/shell';

if (!('__TAURI_INTERNALS__' in window)) {
  const asked = new URLSearchParams(window.location.search);
  const world = madeUp();
  world.isOffline = asked.has('offline');
  const phases: Phase[] = ['signIn', 'closed'];
  installFake(world, phases.find((phase) => asked.has(phase)) ?? 'open');
}
