import { isolated } from '../../direction';
import type { PictureProblem } from '../../picture-file';

/** Of people: their cards, and one's own profile. */
export const ofPeople = {
  profile: 'Profile',
  profileHint:
    'What everybody on this server can see of you. Leave empty what you do not want to tell.',
  picture: 'Picture',
  changePicture: 'Change…',
  removePicture: 'Remove',
  pictureHint:
    'Square, at most 64 KB after cropping. Location data is removed. A picture can also be dropped or pasted here.',
  pictureChanged: 'Your picture was changed.',
  pictureRemoved: 'Your picture was removed.',
  serverPictureChanged: 'The server’s picture was changed.',
  serverPictureRemoved: 'The server’s picture was removed.',
  cropPicture: 'Part of the picture that is shown',
  cropHint: 'Drag to move it. Arrow keys move it, + and − zoom, 0 shows all of it.',
  cropZoom: 'Zoom',
  savePicture: 'Save picture',
  pictureProblems: {
    fileTooLarge: 'This file has more than 32 MB. Choose a smaller one.',
    tooManyPixels: 'This picture has more than 64 million pixels. Choose a smaller one.',
    unknown: 'This file is not a PNG, JPEG, WebP or GIF picture. Choose another one.',
    damaged: 'This picture is damaged and cannot be shown. Choose another one.',
  } satisfies Record<PictureProblem, string>,
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
