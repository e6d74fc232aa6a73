import type { PersonState } from '../ipc';

/** Returns the state of a person whose account is deactivated or erased, and null for all others and for groups. */
export const whatBecame = (state: PersonState | null): 'deactivated' | 'erased' | null =>
  state === 'deactivated' || state === 'erased' ? state : null;
