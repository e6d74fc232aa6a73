import type { PersonState } from '../ipc';
import { fold } from './fold';

/** Returns the state of a person whose account is deactivated or erased, and null for all others and for groups. */
export const inactiveState = (state: PersonState | null): 'deactivated' | 'erased' | null =>
  state === 'deactivated' || state === 'erased' ? state : null;

/** The names of a person. */
type PersonNames = { username: string; displayName: string };

/** Returns the display name of a person, or the username if there is none. */
export const displayedName = ({ username, displayName }: PersonNames) => displayName || username;

/** Returns a person's display name followed by the username, which is unique. */
export const fullName = ({ username, displayName }: PersonNames) =>
  displayName ? `${displayName} (@${username})` : username;

/** Returns a proposal for the username of a person with this name: its first word. */
export const proposedUsername = (name: string) =>
  fold(name.match(/[\p{L}\p{N}]+/u)?.[0] ?? '').slice(0, 50);
