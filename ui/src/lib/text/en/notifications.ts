import { count } from '../numbers';
import { messages } from './counts';

/** Texts about notifications: those on the desktop, and those of the settings. */
export const ofNotifications = {
  notification: {
    newMessage: 'New message',
    /** The program replaces the placeholders with names. */
    inGroup: '{who} in {place}',
    open: 'Open',
    reply: 'Reply',
    markRead: 'Mark as read',
    muteHour: 'Mute for 1 hour',
    missed: 'While you were away',
    missedText: '{messages} in {conversations}',
  },
  missedMessages: ({ n }: { n: number }) => messages(n),
  missedConversations: ({ n }: { n: number }) =>
    count(n, { one: 'conversation', other: 'conversations' }),
  moreMessages: ({ n }: { n: number }) => `More than ${messages(n)}`,
  moreConversations: ({ n }: { n: number }) =>
    `more than ${count(n, { one: 'conversation', other: 'conversations' })}`,

  notifications: 'Notifications',
  notifyCause: 'Cause',
  notifyCauses: {
    notifyDirect: 'Direct message',
    notifyMention: 'Mention of you',
    notifyAll: 'Mention of everybody',
    notifyReply: 'Reply to you',
    notifyReaction: 'Reaction to your message',
    notifyKeyword: 'Keyword',
    notifyOther: 'Any other message',
  },
  notifyLevels: { off: 'Off', silent: 'Silent', alert: 'Alert' },
  notifySilentHint: 'Silent: counted in the window, without a notification.',
  notifyIn: {
    account: 'Notify as chosen in Settings',
    all: 'Notify about every message',
    mentions: 'Notify about mentions',
    nothing: 'Notify about nothing',
  },
  pause: 'Pause notifications',
  pauses: { halfHour: '30 minutes', twoHours: '2 hours', tomorrow: 'Until tomorrow' },
  pausedUntil: ({ when }: { when: string }) => `Paused until ${when}`,
  resume: 'Resume',
  keywords: 'Keywords',
  keywordsHint: 'Separated by commas. Whole words, in any letter case.',
  quietHours: 'Quiet hours',
  quietHoursHint: ({ name }: { name: string }) =>
    `Messages arrive silently. The clock of ${name} counts.`,
  quietFrom: 'From',
  quietTo: 'To',
  exceptions: 'People who may notify you at any time',
  addException: 'Add…',
  addExceptionLabel: 'Person who may notify you at any time',
  removeException: ({ name }: { name: string }) => `Remove ${name}`,
  notificationsHere: 'Notifications on this computer',
  notificationsShow: 'Notifications show',
  shows: { message: 'Name and message', name: 'Name', nothing: 'That there is a message' },
  notificationSound: 'Play a sound',
};
