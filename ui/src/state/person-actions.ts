import type { Ipc, PersonInfo, UserId } from '../ipc';
import { fullName } from '../lib/people';
import { text } from '../lib/text';
import type { Administration } from './administration.svelte';
import {
  deactivateQuestion,
  endSessionsQuestion,
  eraseQuestion,
  giveRoleQuestion,
  takeRoleQuestion,
} from './administration-questions';

/** Whether a person can administer the server. The last one who can keeps the role. */
export const isAbleAdministrator = ({ role, deactivatedAt }: PersonInfo) =>
  role === 'administrator' && deactivatedAt === null;

type Action = { name: string; note?: string; isDangerous?: boolean; act: () => void };
type With = {
  of: Administration;
  ipc: Ipc;
  /** The user: most actions are not offered for their own account. */
  me: UserId | undefined;
  /** Whether this person is the only one who can administer the server. */
  isOnly: boolean;
  /** Opens the dialog for the new password. */
  reset: (person: PersonInfo) => void;
};

/** Returns the actions that can be taken on a person. Those that take something away ask first. */
export function personActions(person: PersonInfo, { of, ipc, me, isOnly, reset }: With): Action[] {
  const { id, sessions } = person;
  const name = fullName(person);
  const changed = text.roleChanged({ name });
  const give = () => void of.do(() => ipc.setServerRole(id, 'administrator'), changed);
  const take = () => void of.do(() => ipc.setServerRole(id, 'member'), changed);
  const end = (wipe: boolean) =>
    void of.do(() => ipc.endSessions(id, wipe), text.sessionsEnded({ name }));
  const deactivate = (wipe: boolean) =>
    void of.do(() => ipc.deactivate(id, wipe), text.deactivated({ name }));
  const erase = (wipe: boolean) => void of.do(() => ipc.erase(id, wipe), text.erased);
  const reactivate = () => void of.do(() => ipc.reactivate(id), text.reactivated({ name }));

  const isGone = person.deactivatedAt !== null;
  const actions: Action[] = [];
  if (person.role === 'administrator' && !isOnly)
    actions.push({
      name: text.takeServerRole,
      act: () => of.ask(takeRoleQuestion(person, take)),
    });
  else if (person.role === 'member' && !isGone)
    actions.push({
      name: text.giveServerRole,
      act: () => of.ask(giveRoleQuestion(person, give)),
    });
  if (id === me) return actions;
  actions.push({ name: text.resetPassword, act: () => reset(person) });
  if (sessions > 0)
    actions.push({
      name: text.endSessions,
      note: text.devicesSignedIn({ n: sessions }),
      act: () => of.ask(endSessionsQuestion(person, end)),
    });
  if (isGone) actions.push({ name: text.reactivate, act: reactivate });
  else if (!isOnly)
    actions.push({
      name: text.deactivate,
      act: () => of.ask(deactivateQuestion(person, deactivate)),
    });
  if (!isOnly)
    actions.push({
      name: text.erase,
      isDangerous: true,
      act: () => of.ask(eraseQuestion(person, erase)),
    });
  return actions;
}
