import type { OpenInvitation, OwnerlessGroup, PersonInfo } from '../ipc';
import { fullName, displayedName } from '../lib/people';
import { text } from '../lib/text';
import type { Confirmation } from './confirmation';

/** Confirmation dialogs before actions of administrators. Each describes the effect, with numbers. */

const wipeOption = () => ({ label: text.wipeCopies, hint: text.wipeCopiesHint });
const ownershipPoints = ({ owned }: PersonInfo) =>
  owned > 0 ? [text.groupsLoseOwner({ n: owned })] : [];
const invitationPoints = ({ role }: PersonInfo) =>
  role === 'administrator' ? [text.invitationsStop] : [];

export const giveRoleConfirmation = (person: PersonInfo, act: () => void): Confirmation => ({
  title: text.giveServerRoleTitle({ name: fullName(person) }),
  details: text.giveServerRoleDetails,
  cancelLabel: text.cancel,
  confirmLabel: text.giveServerRoleConfirm,
  act,
});

export const takeRoleConfirmation = (person: PersonInfo, act: () => void): Confirmation => ({
  title: text.takeServerRoleTitle({ name: fullName(person) }),
  details: text.takeServerRoleDetails,
  points: invitationPoints(person),
  cancelLabel: text.cancel,
  confirmLabel: text.takeServerRoleConfirm,
  act,
});

export const endSessionsConfirmation = (
  person: PersonInfo,
  act: (wipe: boolean) => void,
): Confirmation => ({
  title: text.endSessionsTitle({ name: fullName(person) }),
  details: text.endSessionsDetails({ n: person.sessions }),
  option: wipeOption(),
  cancelLabel: text.cancel,
  confirmLabel: text.endSessionsConfirm,
  act,
});

export const deactivateConfirmation = (
  person: PersonInfo,
  act: (wipe: boolean) => void,
): Confirmation => ({
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

export const eraseConfirmation = (
  person: PersonInfo,
  act: (wipe: boolean) => void,
): Confirmation => ({
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

export const revokeConfirmation = (invitation: OpenInvitation, act: () => void): Confirmation => ({
  title: text.revokeInvitationTitle,
  details: text.revokeInvitationDetails({ n: invitation.usesLeft }),
  cancelLabel: text.cancel,
  confirmLabel: text.revokeInvitationConfirm,
  act,
});

export const takeOverConfirmation = (group: OwnerlessGroup, act: () => void): Confirmation => ({
  title: text.takeOverTitle({ title: group.title }),
  details: text.takeOverDetails({ n: group.memberCount }),
  cancelLabel: text.cancel,
  confirmLabel: text.takeOverConfirm,
  act,
});
