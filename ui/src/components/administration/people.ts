/** The people as the administrator's table lists them. */
import type { PersonInfo } from '../../ipc';

/** A person with their folded names, by which rows are compared and found. */
export type Row = PersonInfo & { folded: string; foldedUsername: string };

/** Returns whether a person is listed, for each filter. */
export const FILTERS = {
  all: () => true,
  administrators: ({ role }: Row) => role === 'administrator',
  deactivated: ({ deactivatedAt }: Row) => deactivatedAt !== null,
};

/** Returns whether a person can use the account; `noPassword` if it was imported and has none yet. */
export const stateOf = ({ deactivatedAt, hasPassword }: PersonInfo) =>
  deactivatedAt !== null ? 'deactivated' : hasPassword ? 'active' : 'noPassword';
