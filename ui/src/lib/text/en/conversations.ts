import { isolated } from '../../direction';
import { count, written } from '../numbers';
import { unreadMessages } from './counts';

/** Texts about conversations: their list, their members, and starting one. */
export const ofConversations = {
  jump: 'Jump or search',
  jumpEmpty: 'No matches. Press Enter to search all messages.',
  direct: 'Direct messages',
  groups: 'Groups',
  left: 'Groups you left',
  pinnedSection: 'Pinned',
  away: 'Archived',
  unreadCount: ({ n }: { n: number }) => unreadMessages(n),
  markedUnread: 'marked as unread',
  /** A number that stands for "more than can be shown". */
  moreThan: ({ n }: { n: number }) => `${written(n)}+`,
  conversationMenu: 'Conversation menu',
  pinOnTop: 'Pin conversation',
  unpinFromTop: 'Unpin',
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
  nobodyReads: {
    deactivated: ({ name }: { name: string }) =>
      `${isolated(name)} cannot sign in any more. Nobody will read what you write here.`,
    erased: (_: { name: string }) =>
      'This account was erased. Nobody will read what you write here.',
  },
  roles: { owner: 'owner', administrator: 'administrator', member: 'member' },
  manageMember: ({ name }: { name: string }) => `Manage ${isolated(name)}`,
  makeAdministrator: 'Make administrator',
  removeAdministrator: 'Remove administrator role',
  transferOwnership: 'Transfer ownership…',
  removeMember: 'Remove from group…',
  transferTitle: ({ name }: { name: string }) => `Transfer ownership to ${isolated(name)}?`,
  transferWhat:
    'You become an administrator of this group. Only the new owner can transfer it back.',
  transfer: 'Transfer',
  removeMemberTitle: ({ name }: { name: string }) => `Remove ${isolated(name)} from this group?`,
  removeMemberWhat:
    'They read nothing that is written from now on. Only the owner and administrators can add them again.',
  removeFromGroup: 'Remove',
  noConversations: 'No conversations yet.',
  pickConversation: 'Choose a conversation, or start one.',
  cannotWrite: 'You left this group. You can still read messages from when you were a member.',
  notOnePerson: ({ name, n }: { name: string; n: number }) =>
    n === 0
      ? `Nobody found for “${isolated(name)}”.`
      : `${written(n)} people match “${isolated(name)}”. Type the full username.`,
  members: 'Members',
  memberCount: ({ n }: { n: number }) => count(n, { one: 'member', other: 'members' }),
  addPeople: 'Add people…',
  addMember: 'Add people',
  leave: 'Leave group',
  leaveSure: ({ title }: { title: string }) =>
    `Leave ${isolated(title)}? You can still read the messages up to now.`,
  newMessage: 'New message',
  newGroup: 'New group',
  person: 'Person',
  people: 'People',
  personHint: 'Name or username',
  nobody: 'Nobody found',
  /** The label of the button that removes a person from those chosen. */
  removePerson: ({ name }: { name: string }) => `Remove ${isolated(name)}`,
  title: 'Name',
  create: 'Create',
};
