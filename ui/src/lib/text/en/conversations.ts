import { isolate } from '../../direction';
import { count, formatNumber } from '../numbers';
import { unreadMessages } from './counts';

/** Texts about conversations: their list, their members, and starting one. */
export const conversationsTexts = {
  jump: 'Jump or search',
  jumpEmpty: 'No matches. Press Enter to search all messages.',
  direct: 'Direct messages',
  groups: 'Groups',
  leftSection: 'Groups you left',
  pinnedSection: 'Pinned',
  archivedSection: 'Archived',
  unreadCount: ({ n }: { n: number }) => unreadMessages(n),
  markedUnread: 'marked as unread',
  /** A number that stands for "more than can be shown". */
  moreThan: ({ n }: { n: number }) => `${formatNumber(n)}+`,
  conversationMenu: 'Conversation menu',
  pinConversation: 'Pin conversation',
  unpinConversation: 'Unpin',
  mute: {
    hour: 'Mute for 1 hour',
    tomorrow: 'Mute until tomorrow',
    ever: 'Mute until I unmute',
  },
  unmute: 'Unmute',
  markUnread: 'Mark as unread',
  unmarkUnread: 'Mark as read',
  hide: 'Hide until the next message',
  unhide: 'Show in list',
  archive: 'Archive group',
  unarchive: 'Unarchive group',
  isArchived: 'This group is archived. You can read it, but nobody can post.',
  topic: 'Topic',
  removal: 'Removed members keep',
  removals: {
    keep: 'Messages up to then, read-only',
    purge: 'Nothing: the group is deleted on their devices',
  },
  editDetails: 'Edit name and topic',
  /** The state of a person whose account is deactivated or erased. */
  states: { deactivated: 'deactivated', erased: 'erased' },
  peerCannotRead: {
    deactivated: ({ name }: { name: string }) =>
      `${isolate(name)} cannot sign in any more. Nobody will read what you write here.`,
    erased: (_: { name: string }) =>
      'This account was erased. Nobody will read what you write here.',
  },
  roles: { owner: 'owner', administrator: 'administrator', member: 'member' },
  manageMember: ({ name }: { name: string }) => `Manage ${isolate(name)}`,
  makeAdministrator: 'Make administrator',
  removeAdministrator: 'Remove administrator role',
  transferOwnership: 'Transfer ownership…',
  removeMember: 'Remove from group…',
  transferTitle: ({ name }: { name: string }) => `Transfer ownership to ${isolate(name)}?`,
  transferDetails:
    'You become an administrator of this group. Only the new owner can transfer it back.',
  transfer: 'Transfer',
  removeMemberTitle: ({ name }: { name: string }) => `Remove ${isolate(name)} from this group?`,
  removeMemberDetails:
    'They cannot read messages sent from now on. Only the owner and administrators can add them again.',
  removeFromGroup: 'Remove',
  noConversations: 'No conversations yet.',
  pickConversation: 'Choose a conversation, or start one.',
  cannotWrite: 'You left this group. You can still read messages from when you were a member.',
  personNotUnique: ({ name, n }: { name: string; n: number }) =>
    n === 0
      ? `Nobody found for “${isolate(name)}”.`
      : `${formatNumber(n)} people match “${isolate(name)}”. Type the full username.`,
  members: 'Members',
  memberCount: ({ n }: { n: number }) => count(n, { one: 'member', other: 'members' }),
  addPeople: 'Add people…',
  addMember: 'Add people',
  leave: 'Leave group',
  leaveWarning: ({ title }: { title: string }) =>
    `Leave ${isolate(title)}? You can still read the messages up to now.`,
  newMessage: 'New message',
  newGroup: 'New group',
  person: 'Person',
  people: 'People',
  personHint: 'Name or username',
  nobody: 'Nobody found',
  /** The label of the button that removes a person from those chosen. */
  removePerson: ({ name }: { name: string }) => `Remove ${isolate(name)}`,
  title: 'Name',
  create: 'Create',
};
