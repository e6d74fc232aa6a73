import { isolate } from '../../direction';
import { count, plural, formatNumber } from '../numbers';

const devices = (n: number) => count(n, { one: 'device', other: 'devices' });
const groups = (n: number) => count(n, { one: 'group', other: 'groups' });
const people = (n: number) => count(n, { one: 'person', other: 'people' });
const times = (n: number) => (n === 1 ? 'once' : `${formatNumber(n)} times`);
/** Returns "3 devices are signed out". */
const signedOut = (n: number) =>
  `${devices(n)} ${plural(n, { one: 'is', other: 'are' })} signed out`;

/** Returns a group's title for the middle of a sentence. It is unknown to those who are not members. */
const groupNamed = (title: string) => (title === '' ? 'a group you are not in' : isolate(title));

/** Texts of the administrator's pages. */
export const administrationTexts = {
  administration: 'Administration',
  administrationHint: 'People, invitations and groups of this server, and its health',
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
  shownOf: ({ n, total }: { n: number; total: number }) =>
    `${formatNumber(n)} of ${formatNumber(total)}`,
  actionsFor: ({ name }: { name: string }) => `Actions for ${isolate(name)}`,

  findPerson: 'Find a person',
  findPersonHint: 'Name or username',
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
  selfLabel: 'you',
  onlyAdministrator: 'This is the only administrator.',
  devicesSignedIn: ({ n }: { n: number }) => devices(n),

  giveServerRole: 'Make administrator…',
  giveServerRoleTitle: ({ name }: { name: string }) => `Make ${isolate(name)} an administrator?`,
  giveServerRoleDetails:
    'Administrators invite people, reset passwords, change roles, and deactivate or erase accounts. They see no messages of groups they are not in.',
  giveServerRoleConfirm: 'Make administrator',
  takeServerRole: 'Remove administrator role…',
  takeServerRoleTitle: ({ name }: { name: string }) =>
    `Remove the administrator role of ${isolate(name)}?`,
  takeServerRoleDetails: 'The account stays, as a member. The role can be given back at any time.',
  takeServerRoleConfirm: 'Remove role',
  invitationsStop: 'Open invitations made with this account stop working.',
  roleChanged: ({ name }: { name: string }) => `The role of ${isolate(name)} was changed.`,

  resetPassword: 'Reset password…',
  resetPasswordTitle: ({ name }: { name: string }) => `Reset the password of ${isolate(name)}`,
  resetPasswordDetails: ({ n }: { n: number }) =>
    `${n > 0 ? `${signedOut(n)}. ` : ''}Pass the new password on in a way you trust; it is shown only here.`,
  newPassword: 'New password',
  resetPasswordConfirm: 'Reset password',
  passwordReset: ({ name }: { name: string }) => `The password of ${isolate(name)} was reset.`,

  endSessions: 'End sessions…',
  endSessionsTitle: ({ name }: { name: string }) => `End all sessions of ${isolate(name)}?`,
  endSessionsDetails: ({ n }: { n: number }) =>
    `${signedOut(n)}. Signing in again with the password is possible at any time.`,
  endSessionsConfirm: 'End sessions',
  sessionsEnded: ({ name }: { name: string }) => `${isolate(name)} was signed out everywhere.`,

  deactivate: 'Deactivate…',
  deactivateTitle: ({ name }: { name: string }) => `Deactivate ${isolate(name)}?`,
  deactivateDetails: 'The account can be reactivated at any time.',
  deactivateConfirm: 'Deactivate',
  deactivated: ({ name }: { name: string }) => `${isolate(name)} was deactivated.`,
  signInBlocked: ({ n, name }: { n: number; name: string }) =>
    n === 0
      ? `Nobody can sign in as ${isolate(name)}.`
      : `${signedOut(n)} now; nobody can sign in as ${isolate(name)}.`,
  messagesStay: ({ name }: { name: string }) => `Messages stay, under the name ${isolate(name)}.`,
  groupsLoseOwner: ({ n }: { n: number }) =>
    `${groups(n)} ${plural(n, { one: 'loses its', other: 'lose their' })} owner. Ownership passes to the administrator or member who has been there longest; a group where nobody can own it is listed under “Groups”.`,
  copiesStay: 'Copies on signed-out devices stay there, locked.',
  wipeCopies: 'Also wipe each copy when its device next connects',
  wipeCopiesHint: 'Messages that were not sent yet stay on the device, encrypted.',

  reactivate: 'Reactivate',
  reactivated: ({ name }: { name: string }) => `${isolate(name)} can sign in again.`,

  erase: 'Erase…',
  eraseTitle: ({ name }: { name: string }) => `Erase ${isolate(name)}?`,
  eraseDetails: 'This cannot be undone.',
  eraseConfirm: 'Erase',
  erased: 'The account was erased.',
  nameRemoved: ({ name }: { name: string }) =>
    `The name ${isolate(name)} is removed everywhere; messages stay, without a name.`,
  leavesGroups: ({ n }: { n: number }) => `The account leaves ${groups(n)}.`,
  privateDataDeleted: 'Drafts, saved messages and settings are deleted from the server.',

  newInvitation: 'New invitation',
  invitationRole: 'Role',
  mayBeUsed: 'May be used',
  usesChoice: ({ n }: { n: number }) => times(n),
  within: 'within',
  daysChoice: ({ n }: { n: number }) => count(n, { one: 'day', other: 'days' }),
  administratorOnce: 'An invitation for an administrator works once, within 24 hours.',
  groupsToJoin: 'Groups to join',
  groupsToJoinHint: 'Groups you are in; everybody also joins the default groups.',
  addGroup: 'Add a group…',
  addGroupTo: ({ list }: { list: string }) => `Add to: ${list}`,
  removeGroup: ({ title }: { title: string }) => `Remove ${groupNamed(title)}`,
  groupAdded: ({ title }: { title: string }) => `${isolate(title)} was added.`,
  groupRemoved: ({ title }: { title: string }) =>
    title === '' ? 'The group was removed.' : `${isolate(title)} was removed.`,
  groupsFull: ({ n }: { n: number }) => `${groups(n)} at most`,
  noGroupFound: 'No matching groups',
  groupOfOthers: 'A group you are not in',
  serverFacts: {
    address: 'Address',
    version: 'Version',
    running: 'Running',
    people: 'People',
    connected: 'Connected',
    database: 'Database',
    certificate: 'Certificate',
    backup: 'Last backup',
  },
  configuredOnServer:
    'The address, the certificate and the backups are set where the server runs: in parlour.toml, in the environment or by flags.',
  aboutServer: 'About this server',
  serverNameLabel: 'Name',
  serverNameHint: 'Shown in every window and in invitations',
  serverNameDefaultHint: ({ name }: { name: string }) =>
    `Shown in every window and in invitations. Leave empty to use ${isolate(name)} from the server’s settings`,
  welcomeLabel: 'Welcome text',
  welcomeHint: 'Shown in invitations, and to newcomers who have no conversation yet',
  presenceOfServer: 'People',
  presenceOfServerHint:
    'People see who is online and can set a status; each can switch off what others see of them',
  whoRegisters: 'Who may register',
  whoRegistersHint: 'A choice here overrides the server’s settings.',
  serverChanged: 'Server settings changed.',
  notSet: 'Not set',
  registrations: {
    invitation: 'People with an invitation',
    open: 'Anybody who knows the address',
    closed: 'Nobody: administrators create the accounts',
  },
  runningSince: ({ when }: { when: string }) => `since ${when}`,
  devicesConnected: ({ n, total }: { n: number; total: number }) =>
    `${formatNumber(n)} of ${devices(total)}`,
  databases: { sqlite: 'SQLite', postgres: 'PostgreSQL' },
  kindAndSize: ({ kind, size }: { kind: string; size: string }) => `${kind}, ${size}`,
  notEncrypting: 'None: encrypted by a proxy, or not at all',
  certificates: { own: 'Its own', files: 'From files', acme: 'From an authority' },
  certificateExpires: ({ kind, n, when }: { kind: string; n: number; when: string }) =>
    `${kind}, ${count(n, { one: 'day', other: 'days' })} left (${when})`,
  certificateExpired: ({ kind, when }: { kind: string; when: string }) =>
    `${kind}, expired ${when}`,
  backupMade: ({ when, size }: { when: string; size: string }) => `${when}, ${size}`,
  noBackup: 'None yet',
  noBackups: 'The server makes no backups automatically',
  megabytes: ({ n }: { n: number }) => `${formatNumber(n)} MB`,
  health: 'Health',
  healthStates: { ok: 'OK', warning: 'Needs attention', error: 'Problem' },
  healthDatabase: 'The database responds',
  unready: {
    ending: 'The server is shutting down',
    database: 'The database does not respond',
    schema: 'A newer server changed the database',
    bus: 'The other servers on this database cannot be reached',
  },
  unreadyToDo: {
    ending: 'Check again in a moment.',
    database: 'Check that the database is running, and read the server’s log.',
    schema: 'Stop this server, and start the newer version.',
    bus: 'Check that the bus in the server’s settings is running.',
  },
  healthDisk: ({ free }: { free: string }) => `${free} free on the disk`,
  healthDiskLow: ({ free }: { free: string }) => `Only ${free} free on the disk`,
  healthDiskToDo: 'Free some space, or move the data folder to a larger disk.',
  healthBackup: ({ when }: { when: string }) => `Last backup ${when}`,
  healthNoBackup: 'No backup',
  healthNoBackupYet: 'The server makes the first one within a day.',
  healthNoBackups: 'Set a schedule in parlour.toml, or run parlour-server backup.',
  healthOldToDo: 'It is old. Read the server’s log to find out why there is no newer one.',
  healthBackupFailed: ({ when }: { when: string }) => `The backup of ${when} failed`,
  healthFailedToDo: 'The server’s log says why. The server tries again within an hour.',
  healthOwnCertificate: 'The server uses its own certificate, which does not expire',
  healthCertificate: ({ n }: { n: number }) =>
    `The certificate is valid for ${count(n, { one: 'day', other: 'days' })}`,
  healthCertificateEnded: ({ when }: { when: string }) => `The certificate expired ${when}`,
  healthCertificateLate: ({ when }: { when: string }) => `No new certificate yet; next try ${when}`,
  healthCertificateBad: 'The certificate cannot be used',
  healthRenew:
    'Renew it, or find out why it was not renewed. The server loads the new one automatically.',
  healthLateToDo: 'The server’s log and parlour-server status show the authority’s response.',
  healthCertificateBadToDo: 'Run parlour-server doctor on the server’s computer to find out why.',
  healthClock: 'The clock is consistent with earlier times',
  healthClockBehind: ({ n }: { n: number }) =>
    `The clock is ${count(n, { one: 'minute', other: 'minutes' })} behind earlier times`,
  healthClockToDo:
    'Correct the clock of the server’s computer. If it was ahead before, stop the server and run parlour-server database clock.',
  defaultGroups: 'Default groups',
  defaultGroupsHint: 'Everybody who joins this server becomes a member of these groups.',
  defaultGroupsChanged: 'The default groups were changed.',
  withheld: {
    archived: ({ title }: { title: string }) =>
      `Newcomers do not join ${groupNamed(title)}: it is archived.`,
    unattended: ({ title }: { title: string }) =>
      `Newcomers do not join ${groupNamed(title)}: no administrator of this server is a member of it any more.`,
  },
  note: 'Note',
  noteHint: 'Seen by administrators only',
  noNote: 'No note',
  qrOfLink: 'QR code of the invitation',
  createInvitation: 'Create invitation',
  linkSection: 'The link',
  linkValidity: ({ n, when }: { n: number; when: string }) =>
    `${count(n, { one: 'use', other: 'uses' })}, until ${when}`,
  linkAddress: 'Invitation link',
  linkShownOnce:
    'It says where the server is and how to recognize it. It is shown only once: copy it now.',
  inviteLinkCopied: 'Link copied.',
  openInvitations: 'Open invitations',
  noInvitations: 'No open invitations.',
  createdByServer: 'the server',
  revokeInvitation: 'Revoke…',
  revokeInvitationTitle: 'Revoke this invitation?',
  revokeInvitationDetails: ({ n }: { n: number }) =>
    `${people(n)} could still join by its link, which stops working now. People who joined by it stay.`,
  revokeInvitationConfirm: 'Revoke',
  invitationRevoked: 'The invitation was revoked.',

  ownerlessHint: 'Groups without an owner who can sign in. Nobody can manage them.',
  noOwnerless: 'Every group has an owner.',
  onlyMembersRead: 'Messages of a group are seen by its members only.',
  takeOver: 'Take over…',
  takeOverTitle: ({ title }: { title: string }) => `Take over ${isolate(title)}?`,
  takeOverDetails: ({ n }: { n: number }) =>
    `You join the group and become its owner; ${count(n, { one: 'member sees', other: 'members see' })} that. You see as much of its history as any new member.`,
  takeOverConfirm: 'Take over',
  takenOver: ({ title }: { title: string }) => `You own ${isolate(title)} now.`,
};
