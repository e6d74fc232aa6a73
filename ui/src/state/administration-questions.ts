import type { OpenInvitation, OwnerlessGroup, PersonInfo } from '../ipc';
import { fullName, shownName } from '../lib/people';
import { text } from '../lib/text';
import type { Question } from './question';

/** Questions that are asked before an action on an account. Each describes the effect, with numbers. */

const WIPE = () => ({ label: text.wipeCopies, hint: text.wipeCopiesHint });
const ownership = ({ owned }: PersonInfo) =>
  owned > 0 ? [text.groupsLoseOwner({ n: owned })] : [];
const invitations = ({ role }: PersonInfo) =>
  role === 'administrator' ? [text.invitationsStop] : [];

export const giveRoleQuestion = (person: PersonInfo, act: () => void): Question => ({
  title: text.giveServerRoleTitle({ name: fullName(person) }),
  what: text.giveServerRoleWhat,
  no: text.cancel,
  yes: text.giveServerRoleYes,
  act,
});

export const takeRoleQuestion = (person: PersonInfo, act: () => void): Question => ({
  title: text.takeServerRoleTitle({ name: fullName(person) }),
  what: text.takeServerRoleWhat,
  points: invitations(person),
  no: text.cancel,
  yes: text.takeServerRoleYes,
  act,
});

export const endSessionsQuestion = (
  person: PersonInfo,
  act: (wipe: boolean) => void,
): Question => ({
  title: text.endSessionsTitle({ name: fullName(person) }),
  what: text.endSessionsWhat({ n: person.sessions }),
  option: WIPE(),
  no: text.cancel,
  yes: text.endSessionsYes,
  act,
});

export const deactivateQuestion = (person: PersonInfo, act: (wipe: boolean) => void): Question => ({
  title: text.deactivateTitle({ name: fullName(person) }),
  what: text.deactivateWhat,
  points: [
    text.nobodySignsIn({ n: person.sessions, name: person.username }),
    text.messagesStay({ name: shownName(person) }),
    ...ownership(person),
    ...invitations(person),
    text.copiesStay,
  ],
  option: WIPE(),
  no: text.cancel,
  yes: text.deactivateYes,
  act,
});

export const eraseQuestion = (person: PersonInfo, act: (wipe: boolean) => void): Question => ({
  title: text.eraseTitle({ name: fullName(person) }),
  what: text.eraseWhat,
  points: [
    text.nameGoes({ name: fullName(person) }),
    text.nobodySignsIn({ n: person.sessions, name: person.username }),
    text.ownThingsGo,
    ...(person.groups > 0 ? [text.leavesGroups({ n: person.groups })] : []),
    ...ownership(person),
    ...invitations(person),
    text.copiesStay,
  ],
  option: WIPE(),
  no: text.cancel,
  yes: text.eraseYes,
  act,
});

export const revokeQuestion = (invitation: OpenInvitation, act: () => void): Question => ({
  title: text.revokeInvitationTitle,
  what: text.revokeInvitationWhat({ n: invitation.usesLeft }),
  no: text.cancel,
  yes: text.revokeInvitationYes,
  act,
});

export const takeOverQuestion = (group: OwnerlessGroup, act: () => void): Question => ({
  title: text.takeOverTitle({ title: group.title }),
  what: text.takeOverWhat({ n: group.memberCount }),
  no: text.cancel,
  yes: text.takeOverYes,
  act,
});
