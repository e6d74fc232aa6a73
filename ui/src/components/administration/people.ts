/** The rows of the administrator's table of people. */
import type { PersonInfo } from '../../ipc';

/** A person with their folded names, which are used for sorting and filtering. */
export type Row = PersonInfo & { folded: string; foldedUsername: string };

/** Returns whether a person is listed, for each filter. */
export const FILTERS = {
  all: () => true,
  administrators: ({ role }: Row) => role === 'administrator',
  deactivated: ({ deactivatedAt }: Row) => deactivatedAt !== null,
};

/** Returns the state of an account. It is `noPassword` if it was imported and has no password yet. */
export const stateOf = ({ deactivatedAt, hasPassword }: PersonInfo) =>
  deactivatedAt !== null ? 'deactivated' : hasPassword ? 'active' : 'noPassword';
