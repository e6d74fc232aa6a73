/**
 * Runs before everything else when `npm run dev` serves the page. Without a program behind it, the page gets one with
 * made-up data. `?signIn` and `?closed` choose what that program starts with, and `?offline` starts it offline.
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
