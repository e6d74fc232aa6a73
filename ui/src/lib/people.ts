import type { PersonState } from '../ipc';

/** What became of somebody who reads nothing any more; nothing of those who do, and of groups. */
export const whatBecame = (state: PersonState | null): 'deactivated' | 'erased' | null =>
  state === 'deactivated' || state === 'erased' ? state : null;
