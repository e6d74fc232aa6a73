import { isolated } from '../../direction';

/** Of people: their cards, and one's own profile. */
export const ofPeople = {
  profile: 'Profile',
  profileHint:
    'What everybody on this server can see of you. Leave empty what you do not want to tell.',
  displayName: 'Display name',
  displayNameHint: ({ username }: { username: string }) =>
    `Shown in place of your username. You are still mentioned as ${isolated(`@${username}`)}.`,
  about: 'About',
  timeZone: 'Time zone',
  noTimeZone: 'Not shown',
  ownTimeZone: ({ name }: { name: string }) => `This computer’s (${isolated(name)})`,
  profileChanged: 'Your profile was changed.',
  profileWaiting: 'Your profile was changed. Others see it once you are online.',
  writeTo: 'Message',
  editProfile: 'Edit profile',
  localTime: ({ when }: { when: string }) => `${when} local time`,
  looksAlike: 'Another person’s name looks like this one.',
};
