/** The rows of the administrator's table of people. */
import type { PersonInfo } from '../../ipc';
import { fold } from '../../lib/fold';
import { displayedName } from '../../lib/people';
import { compareBy, type Column } from '../../lib/table';
import { text } from '../../lib/text';

/** A person with their folded name, by which the rows are sorted, and the text that is searched: both folded names. */
export type Row = PersonInfo & { folded: string; searched: string };

/** Returns the row of a person. */
export function rowOf(person: PersonInfo): Row {
  const [folded, username] = [fold(displayedName(person)), fold(person.username)];
  // No name contains a line break, so what is typed is never found across both.
  return { ...person, folded, searched: folded === username ? folded : `${folded}\n${username}` };
}

/** Returns whether a person is listed, for each filter. */
export const FILTERS = {
  all: () => true,
  administrators: ({ role }: Row) => role === 'administrator',
  deactivated: ({ deactivatedAt }: Row) => deactivatedAt !== null,
};

/** Returns the state of an account. It is `noPassword` if it was imported and has no password yet. */
export const stateOf = ({ deactivatedAt, hasPassword }: PersonInfo) =>
  deactivatedAt !== null ? 'deactivated' : hasPassword ? 'active' : 'noPassword';

/** Returns the columns of the table. */
export function peopleColumns(): Column<Row>[] {
  const compareNames = compareBy(({ folded }: Row) => folded);
  return [
    { name: 'name', label: text.columns.name, width: '34%', compare: compareNames },
    {
      name: 'role',
      label: text.columns.role,
      compare: compareBy(({ role }) => role, compareNames),
    },
    { name: 'state', label: text.columns.state, compare: compareBy(stateOf, compareNames) },
    {
      name: 'lastSeen',
      label: text.columns.lastSeen,
      isSecondary: true,
      compare: (a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0),
    },
    {
      name: 'groups',
      label: text.columns.groups,
      isSecondary: true,
      isNumber: true,
      width: '6rem',
      compare: (a, b) => b.groups - a.groups,
    },
    { name: 'actions', label: text.columns.actions, isHidden: true, width: '3.5rem' },
  ];
}
