import type { OpenInvitation, OwnerlessGroup, PersonInfo } from '../ipc';
import { fullName, displayedName } from '../lib/people';
import { text } from '../lib/text';
import type { Question } from './question';

/** Confirmation dialogs before actions of administrators. Each describes the effect, with numbers. */

const wipeOption = () => ({ label: text.wipeCopies, hint: text.wipeCopiesHint });
const ownershipPoints = ({ owned }: PersonInfo) =>
  owned > 0 ? [text.groupsLoseOwner({ n: owned })] : [];
const invitationPoints = ({ role }: PersonInfo) =>
  role === 'administrator' ? [text.invitationsStop] : [];

export const giveRoleQuestion = (person: PersonInfo, act: () => void): Question => ({
  title: text.giveServerRoleTitle({ name: fullName(person) }),
  details: text.giveServerRoleDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.giveServerRoleConfirm,
  act,
});

export const takeRoleQuestion = (person: PersonInfo, act: () => void): Question => ({
  title: text.takeServerRoleTitle({ name: fullName(person) }),
  details: text.takeServerRoleDetails,
  points: invitationPoints(person),
  cancelLabel: text.cancel,
  confirmLabel: text.takeServerRoleConfirm,
  act,
});

export const endSessionsQuestion = (
  person: PersonInfo,
  act: (wipe: boolean) => void,
): Question => ({
  title: text.endSessionsTitle({ name: fullName(person) }),
  details: text.endSessionsDetails({ n: person.sessions }),
  option: wipeOption(),
  cancelLabel: text.cancel,
  confirmLabel: text.endSessionsConfirm,
  act,
});

export const deactivateQuestion = (person: PersonInfo, act: (wipe: boolean) => void): Question => ({
  title: text.deactivateTitle({ name: fullName(person) }),
  details: text.deactivateDetails,
  points: [
    text.signInBlocked({ n: person.sessions, name: person.username }),
    text.messagesStay({ name: displayedName(person) }),
    ...ownershipPoints(person),
    ...invitationPoints(person),
    text.copiesStay,
  ],
  option: wipeOption(),
  cancelLabel: text.cancel,
  confirmLabel: text.deactivateConfirm,
  act,
});

export const eraseQuestion = (person: PersonInfo, act: (wipe: boolean) => void): Question => ({
  title: text.eraseTitle({ name: fullName(person) }),
  details: text.eraseDetails,
  points: [
    text.nameRemoved({ name: fullName(person) }),
    text.signInBlocked({ n: person.sessions, name: person.username }),
    text.privateDataDeleted,
    ...(person.groups > 0 ? [text.leavesGroups({ n: person.groups })] : []),
    ...ownershipPoints(person),
    ...invitationPoints(person),
    text.copiesStay,
  ],
  option: wipeOption(),
  cancelLabel: text.cancel,
  confirmLabel: text.eraseConfirm,
  act,
});

export const revokeQuestion = (invitation: OpenInvitation, act: () => void): Question => ({
  title: text.revokeInvitationTitle,
  details: text.revokeInvitationDetails({ n: invitation.usesLeft }),
  cancelLabel: text.cancel,
  confirmLabel: text.revokeInvitationConfirm,
  act,
});

export const takeOverQuestion = (group: OwnerlessGroup, act: () => void): Question => ({
  title: text.takeOverTitle({ title: group.title }),
  details: text.takeOverDetails({ n: group.memberCount }),
  cancelLabel: text.cancel,
  confirmLabel: text.takeOverConfirm,
  act,
});
