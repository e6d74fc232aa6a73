import { limits } from '../../../ipc';
import { isolate } from '../../direction';
import { count, formatNames } from '../numbers';
import { messages } from './counts';

/** Texts about notifications: those on the desktop, and those of the settings. */
export const notificationsTexts = {
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
  notifySilentHint: 'Silent: counted and shown in Activity, without a notification.',
  whatNotifies: 'What notifies',
  notifyHere: 'Notifications…',
  notifyHereTitle: ({ title }: { title: string }) => `Notifications of ${isolate(title)}`,
  notifyAbout: 'Notify about',
  muteFor: 'Mute',
  notMuted: 'Not muted',
  mutedFor: { hour: '1 hour', tomorrow: 'Until tomorrow', ever: 'Until I unmute' },
  mutedUntil: ({ when }: { when: string }) => `Muted until ${when}`,
  mutedForEver: 'Muted until you unmute',
  untilTimeLabel: 'Until',
  levelOverrides: ({ names, others }: { names: string[]; others: number }) => {
    const n = names.length + others;
    const rest = others > 0 ? ` and ${count(others, { one: 'other', other: 'others' })}` : '';
    const named = others > 0 ? names.map(isolate).join(', ') : formatNames(names);
    return `${count(n, { one: 'conversation has its own levels', other: 'conversations have their own levels' })}: ${named}${rest}`;
  },
  levelOverridesShow: 'Show',
  notifyIn: {
    account: 'As chosen in Settings',
    all: 'All messages',
    mentions: 'Mentions',
    nothing: 'Nothing',
    custom: 'Custom',
  },
  pause: 'Pause notifications',
  pauseOptions: { halfHour: '30 minutes', twoHours: '2 hours', tomorrow: 'Until tomorrow' },
  keywordsAndQuiet: 'Keywords and quiet hours',
  addKeyword: 'Add a word or phrase',
  removeKeyword: ({ name }: { name: string }) => `Remove the keyword ${isolate(name)}`,
  tooManyKeywords: `At most ${limits.keywords} keywords of ${limits.keywordChars} characters each.`,
  pausedUntil: ({ when }: { when: string }) => `Paused until ${when}`,
  resume: 'Resume',
  keywords: 'Keywords',
  keywordsHint: 'Whole words, in any letter case.',
  quietHours: 'Quiet hours',
  quietHoursHint: 'Messages arrive silently.',
  quietDays: 'Days',
  quietZone: 'Time zone',
  quietFrom: 'From',
  quietTo: 'To',
  exceptions: 'Exceptions',
  exceptionsHint: 'People who may notify you at any time',
  addException: 'Add…',
  addExceptionLabel: 'Person who may notify you at any time',
  removeException: ({ name }: { name: string }) => `Remove ${isolate(name)}`,
  notificationsHere: 'On this computer',
  notificationDetail: 'Notifications show',
  shows: { message: 'Name and message', name: 'Name', nothing: 'That there is a message' },
  notificationSound: 'Play a sound',
};
