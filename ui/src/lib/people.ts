import type { PersonState } from '../ipc';
import { fold } from './fold';

/** Returns the state of a person whose account is deactivated or erased, and null for all others and for groups. */
export const whatBecame = (state: PersonState | null): 'deactivated' | 'erased' | null =>
  state === 'deactivated' || state === 'erased' ? state : null;

/** The names of a person. */
type Named = { username: string; displayName: string };

/** Returns the name that is shown of a person. */
export const shownName = ({ username, displayName }: Named) => displayName || username;

/** Returns a person's display name with the username behind it, which leaves no doubt who is meant. */
export const fullName = ({ username, displayName }: Named) =>
  displayName ? `${displayName} (@${username})` : username;

/** Returns the username that is proposed for a person with this name: its first word. */
export const proposedUsername = (name: string) =>
  fold(name.match(/[\p{L}\p{N}]+/u)?.[0] ?? '').slice(0, 50);
