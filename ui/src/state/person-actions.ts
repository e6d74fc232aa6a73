import type { Ipc, PersonInfo, UserId } from '../ipc';
import { fullName } from '../lib/people';
import { text } from '../lib/text';
import type { Administration } from './administration.svelte';
import {
  deactivateConfirmation,
  endSessionsConfirmation,
  eraseConfirmation,
  giveRoleConfirmation,
  takeRoleConfirmation,
} from './administration-confirmations';

/** Returns whether a person can administer the server. The last such person keeps the role. */
export const isAbleAdministrator = ({ role, deactivatedAt }: PersonInfo) =>
  role === 'administrator' && deactivatedAt === null;

type Action = { name: string; hint?: string; isDangerous?: boolean; act: () => void };
type Context = {
  administration: Administration;
  ipc: Ipc;
  /** The user: most actions are not offered for their own account. */
  me: UserId | undefined;
  /** Whether this person is the only one who can administer the server. */
  isOnly: boolean;
  /** Opens the dialog for the new password. */
  reset: (person: PersonInfo) => void;
};

/** Returns whether there are any such actions, without creating them: a table asks this for each of its rows. */
export const hasPersonActions = (
  person: PersonInfo,
  { me, isOnly }: Pick<Context, 'me' | 'isOnly'>,
): boolean =>
  person.id !== me || (person.role === 'administrator' ? !isOnly : person.deactivatedAt === null);

/** Returns the actions that can be taken on a person. Those that remove something ask first. */
export function personActions(
  person: PersonInfo,
  { administration, ipc, me, isOnly, reset }: Context,
): Action[] {
  const { id, sessions } = person;
  const name = fullName(person);
  const changed = text.roleChanged({ name });
  const give = () => void administration.do(() => ipc.setServerRole(id, 'administrator'), changed);
  const take = () => void administration.do(() => ipc.setServerRole(id, 'member'), changed);
  const end = (wipe: boolean) =>
    void administration.do(() => ipc.endSessions(id, wipe), text.sessionsEnded({ name }));
  const deactivate = (wipe: boolean) =>
    void administration.do(() => ipc.deactivate(id, wipe), text.deactivated({ name }));
  const erase = (wipe: boolean) => void administration.do(() => ipc.erase(id, wipe), text.erased);
  const reactivate = () =>
    void administration.do(() => ipc.reactivate(id), text.reactivated({ name }));

  const isDeactivated = person.deactivatedAt !== null;
  const actions: Action[] = [];
  if (person.role === 'administrator' && !isOnly)
    actions.push({
      name: text.takeServerRole,
      act: () => administration.confirm(takeRoleConfirmation(person, take)),
    });
  else if (person.role === 'member' && !isDeactivated)
    actions.push({
      name: text.giveServerRole,
      act: () => administration.confirm(giveRoleConfirmation(person, give)),
    });
  if (id === me) return actions;
  actions.push({ name: text.resetPassword, act: () => reset(person) });
  if (sessions > 0)
    actions.push({
      name: text.endSessions,
      hint: text.devicesSignedIn({ n: sessions }),
      act: () => administration.confirm(endSessionsConfirmation(person, end)),
    });
  if (isDeactivated) actions.push({ name: text.reactivate, act: reactivate });
  else if (!isOnly)
    actions.push({
      name: text.deactivate,
      act: () => administration.confirm(deactivateConfirmation(person, deactivate)),
    });
  if (!isOnly)
    actions.push({
      name: text.erase,
      isDangerous: true,
      act: () => administration.confirm(eraseConfirmation(person, erase)),
    });
  return actions;
}
