import { isolated } from '../../direction';
import { count, plural, written } from '../numbers';

const devices = (n: number) => count(n, { one: 'device', other: 'devices' });
const groups = (n: number) => count(n, { one: 'group', other: 'groups' });
const people = (n: number) => count(n, { one: 'person', other: 'people' });
const times = (n: number) => (n === 1 ? 'once' : `${written(n)} times`);
/** Returns "3 devices are signed out". */
const signedOut = (n: number) =>
  `${devices(n)} ${plural(n, { one: 'is', other: 'are' })} signed out`;

/** Texts of the administrator's pages. */
export const ofAdministration = {
  administration: 'Administration',
  administrationHint: 'People, invitations and groups of this server, and how it is',
  administrationPages: {
    people: 'People',
    invitations: 'Invitations',
    groups: 'Groups',
    server: 'Server',
  },
  invitePeople: 'Invite people',
  checkedAt: ({ when }: { when: string }) => `Checked ${when}`,
  youAreOffline: 'You are offline.',
  loading: {
    people: 'Loading people…',
    invitations: 'Loading invitations…',
    groups: 'Loading groups…',
    server: 'Loading the server’s state…',
  },
  columns: {
    name: 'Name',
    note: 'Note',
    role: 'Role',
    state: 'State',
    lastSeen: 'Last seen',
    groups: 'Groups',
    usesLeft: 'Uses left',
    ends: 'Ends',
    createdBy: 'Created by',
    created: 'Created',
    members: 'Members',
    actions: 'Actions',
  },
  tableKeys: 'move',
  tableEnter: 'actions',
  shownOf: ({ n, total }: { n: number; total: number }) => `${written(n)} of ${written(total)}`,
  actionsFor: ({ name }: { name: string }) => `Actions for ${isolated(name)}`,

  findPerson: 'Find a person',
  peopleFilters: {
    all: 'All',
    administrators: 'Administrators',
    deactivated: 'Deactivated',
  },
  noPeopleFound: 'Nobody found',
  serverRoles: { administrator: 'Administrator', member: 'Member' },
  personStates: {
    active: 'Active',
    deactivated: 'Deactivated',
    noPassword: 'No password yet',
  },
  neverSeen: 'never',
  itIsYou: 'you',
  onlyAdministrator: 'This is the only administrator.',
  devicesSignedIn: ({ n }: { n: number }) => devices(n),

  giveServerRole: 'Make administrator…',
  giveServerRoleTitle: ({ name }: { name: string }) => `Make ${isolated(name)} an administrator?`,
  giveServerRoleWhat:
    'Administrators invite people, reset passwords, change roles, and deactivate or erase accounts. They see no messages of groups they are not in.',
  giveServerRoleYes: 'Make administrator',
  takeServerRole: 'Remove administrator role…',
  takeServerRoleTitle: ({ name }: { name: string }) =>
    `Remove the administrator role of ${isolated(name)}?`,
  takeServerRoleWhat: 'The account stays, as a member. The role can be given back at any time.',
  takeServerRoleYes: 'Remove role',
  invitationsStop: 'Open invitations made with this account stop working.',
  roleChanged: ({ name }: { name: string }) => `The role of ${isolated(name)} was changed.`,

  resetPassword: 'Reset password…',
  resetPasswordTitle: ({ name }: { name: string }) => `Reset the password of ${isolated(name)}`,
  resetPasswordWhat: ({ n }: { n: number }) =>
    `${n > 0 ? `${signedOut(n)}. ` : ''}Pass the new password on by a way you trust; it is shown only here.`,
  newPassword: 'New password',
  resetPasswordYes: 'Reset password',
  passwordReset: ({ name }: { name: string }) => `The password of ${isolated(name)} was reset.`,

  endSessions: 'End sessions…',
  endSessionsTitle: ({ name }: { name: string }) => `End all sessions of ${isolated(name)}?`,
  endSessionsWhat: ({ n }: { n: number }) =>
    `${signedOut(n)}. Signing in again with the password is possible at any time.`,
  endSessionsYes: 'End sessions',
  sessionsEnded: ({ name }: { name: string }) => `${isolated(name)} was signed out everywhere.`,

  deactivate: 'Deactivate…',
  deactivateTitle: ({ name }: { name: string }) => `Deactivate ${isolated(name)}?`,
  deactivateWhat: 'The account can be reactivated at any time.',
  deactivateYes: 'Deactivate',
  deactivated: ({ name }: { name: string }) => `${isolated(name)} was deactivated.`,
  nobodySignsIn: ({ n, name }: { n: number; name: string }) =>
    n === 0
      ? `Nobody can sign in as ${isolated(name)}.`
      : `${signedOut(n)} now; nobody can sign in as ${isolated(name)}.`,
  messagesStay: ({ name }: { name: string }) => `Messages stay, under the name ${isolated(name)}.`,
  groupsLoseOwner: ({ n }: { n: number }) =>
    `${groups(n)} ${plural(n, { one: 'loses its', other: 'lose their' })} owner. Ownership passes to the administrator or member who has been there longest; a group where nobody can own it is listed under “Groups”.`,
  copiesStay: 'Copies on signed-out devices stay there, locked.',
  wipeCopies: 'Also wipe each copy when its device next connects',
  wipeCopiesHint: 'Messages not sent from there yet stay, encrypted.',

  reactivate: 'Reactivate',
  reactivated: ({ name }: { name: string }) => `${isolated(name)} can sign in again.`,

  erase: 'Erase…',
  eraseTitle: ({ name }: { name: string }) => `Erase ${isolated(name)}?`,
  eraseWhat: 'This cannot be undone.',
  eraseYes: 'Erase',
  erased: 'The account was erased.',
  nameGoes: ({ name }: { name: string }) =>
    `The name ${isolated(name)} is removed everywhere; messages stay, without a name.`,
  leavesGroups: ({ n }: { n: number }) => `The account leaves ${groups(n)}.`,
  ownThingsGo: 'Drafts, saved messages and settings are deleted from the server.',

  newInvitation: 'New invitation',
  invitationRole: 'Role',
  mayBeUsed: 'May be used',
  usesChoice: ({ n }: { n: number }) => times(n),
  within: 'within',
  daysChoice: ({ n }: { n: number }) => count(n, { one: 'day', other: 'days' }),
  administratorOnce: 'An invitation for an administrator works once, within 24 hours.',
  groupsToJoin: 'Groups to join',
  groupsToJoinHint: 'Groups you are in; everybody also joins the default groups.',
  addGroup: 'Add…',
  addGroupTo: ({ list }: { list: string }) => `Add to: ${list}`,
  takeOutGroup: ({ title }: { title: string }) => `Remove ${isolated(title)}`,
  serverFacts: {
    name: 'Name',
    address: 'Address',
    registration: 'Who may register',
    version: 'Version',
    running: 'Running',
    people: 'People',
    connected: 'Connected',
    database: 'Database',
    certificate: 'Certificate',
    backup: 'Last backup',
  },
  serverSaysElsewhere:
    'The name, the address and who may register are set where the server runs: in parlour.toml, in the environment or by flags.',
  notSet: 'Not set',
  registrations: {
    open: 'Anybody',
    invitation: 'People with an invitation',
    closed: 'Nobody',
  },
  runningSince: ({ when }: { when: string }) => `since ${when}`,
  devicesConnected: ({ n, total }: { n: number; total: number }) =>
    `${written(n)} of ${devices(total)}`,
  databases: { sqlite: 'SQLite', postgres: 'PostgreSQL' },
  sized: ({ kind, size }: { kind: string; size: string }) => `${kind}, ${size}`,
  notEncrypting: 'None: a proxy encrypts, or nobody does',
  certificates: { own: 'Its own', files: 'From files', acme: 'From an authority' },
  certificateEnds: ({ kind, n, when }: { kind: string; n: number; when: string }) =>
    `${kind}, ${count(n, { one: 'day', other: 'days' })} left (${when})`,
  certificateEnded: ({ kind, when }: { kind: string; when: string }) => `${kind}, ended ${when}`,
  certificateLate: ({ when }: { when: string }) =>
    `There is no new certificate yet, although it is time for one. The server tries again at ${when}; its log and its status say why.`,
  backupMade: ({ when, size }: { when: string; size: string }) => `${when}, ${size}`,
  noBackup: 'None yet',
  noBackups: 'The server makes none by itself',
  backupFailed: ({ when }: { when: string }) =>
    `The backup of ${when} failed. The server’s log says why.`,
  megabytes: ({ n }: { n: number }) => `${written(n)} MB`,
  defaultGroups: 'Default groups',
  defaultGroupsHint: 'Everybody who joins this server becomes a member of these groups.',
  defaultGroupsChanged: 'The default groups were changed.',
  note: 'Note',
  noteHint: 'Seen by administrators only',
  noNote: 'No note',
  qrOfLink: 'QR code of the invitation',
  createInvitation: 'Create invitation',
  theLink: 'The link',
  linkGood: ({ n, when }: { n: number; when: string }) =>
    `${count(n, { one: 'use', other: 'uses' })}, until ${when}`,
  linkAddress: 'Invitation link',
  linkOnce:
    'It says where the server is and how to recognize it. It is shown only once: copy it now.',
  inviteLinkCopied: 'Link copied.',
  openInvitations: 'Open invitations',
  noInvitations: 'No open invitations.',
  madeByServer: 'the server',
  revokeInvitation: 'Revoke…',
  revokeInvitationTitle: 'Revoke this invitation?',
  revokeInvitationWhat: ({ n }: { n: number }) =>
    `${people(n)} could still join by its link, which stops working now. People who joined by it stay.`,
  revokeInvitationYes: 'Revoke',
  invitationRevoked: 'The invitation was revoked.',

  ownerlessHint: 'Groups without an owner who can sign in. Nobody can manage them.',
  noOwnerless: 'Every group has an owner.',
  onlyMembersRead: 'Messages of a group are seen by its members only.',
  takeOver: 'Take over…',
  takeOverTitle: ({ title }: { title: string }) => `Take over ${isolated(title)}?`,
  takeOverWhat: ({ n }: { n: number }) =>
    `You join the group and become its owner; ${count(n, { one: 'member sees', other: 'members see' })} that. You see as much of its history as any new member.`,
  takeOverYes: 'Take over',
  takenOver: ({ title }: { title: string }) => `You own ${isolated(title)} now.`,
};
