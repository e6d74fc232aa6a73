import type { Refusal } from '../../../ipc';
import { written } from '../numbers';
import type { SentencesOf } from '../said';

/** Texts for the reasons of refusals, by the server or before a request is sent. */
export const ofRefusals = {
  refusals: {
    messageBlank: 'A message needs some text.',
    messageTooLong: 'A message has at most 64 KiB. Send this one in parts.',
    messageControls: 'A message cannot hold control characters. Take them out, or type it again.',
    mentionsTooMany: 'A message names at most 100 people.',
    titleLength: 'A group’s title has 1 to 100 characters.',
    titleLines: 'A group’s title is one line, without control characters.',
    titleHidden:
      'A group’s title cannot hold invisible characters, or ones that turn the text around.',
    topicTooLong: 'A topic has at most 500 characters.',
    topicBlank: 'This topic shows nothing. Write one, or leave it empty.',
    topicLines: 'A topic cannot hold control characters.',
    topicHidden: 'A topic cannot hold invisible characters, or ones that turn the text around.',
    noEmoji: 'A reaction is one emoji.',
    reactionsFull: 'This message has all the kinds of reactions it can.',
    pairNeedsAnother: 'A direct message needs another person.',
    groupTooLarge: 'A group starts with at most 500 members.',
    senderEdits: 'Only its sender can edit a message.',
    senderDeletes: 'Only its sender can delete a message.',
    messageDeleted: 'This message was deleted.',
    removedBefore:
      'This person was removed from the group. Only its owner and administrators can add them again.',
    ownerRemoves: 'Only the group’s owner can remove this person.',
    ownerOnly: 'Only the group’s owner can do this.',
    managersOnly: 'Only the group’s owner and administrators can do this.',
    managersCallAll: 'Only the group’s owner and administrators can call everybody.',
    handOverFirst: 'Transfer ownership of the group to somebody before you leave it.',
    personErased: 'This person’s account was erased: nothing reaches them any more.',
    personDeactivated: 'This person’s account is deactivated: nothing reaches them any more.',
    usernameLength: 'A username has 1 to 50 characters.',
    usernameCharacters:
      'A username has letters, digits and signs: no spaces, no symbols and nothing invisible.',
    usernameErased:
      'Names that begin with “erased-” are kept for accounts that were erased. Choose another one.',
    usernameCallsAll:
      'This word calls everybody when it is written behind an @. Choose another name.',
    usernameMarks:
      'A username begins with a letter, a digit or a sign, and puts at most two marks on each.',
    usernameScripts: 'A username is of one script: its letters could be taken for others.',
    usernameReserved:
      'Nobody signs in by this name: it calls everybody in a group, or is an erased account’s. Whoever had it before was given another one: ask an administrator which.',
    usernameLooksTaken: 'This username looks like somebody else’s. Choose another one.',
    displayNameTooLong: 'A display name has at most 80 characters.',
    displayNameBlank: 'This display name shows nothing. Write one, or leave it empty.',
    displayNameHidden:
      'A display name is one line, without invisible characters, and without ones that turn the text around.',
    displayNameScripts:
      'Each word of a display name is of one script: its letters could be taken for others.',
    displayNameSign: 'A display name has no @: it stands before usernames.',
    aboutTooLong: 'This text has at most 500 characters.',
    aboutHidden: 'This text cannot hold invisible characters, or ones that turn the text around.',
    timeZone: 'This is not the name of a time zone.',
    noPicture: 'This is not a PNG, JPEG or WebP picture, or it is damaged. Choose another one.',
    pictureTooLarge: 'A picture has at most 64 KB. Choose another one.',
    pictureShape: 'A picture is square, with at most 512 pixels a side. Choose another one.',
    pictureMoves: 'A picture cannot move. Choose another one.',
    passwordTooLong: ({ bytes, most }) =>
      `The password is ${written(bytes)} bytes long; at most ${written(most)} can be used. Choose a shorter one.`,
    passwordCharacters:
      'The password has a character that cannot be typed everywhere, or none at all. Choose letters, digits, signs and spaces.',
    passwordTooShort: ({ least }) => `The password needs at least ${written(least)} characters.`,
    passwordCommon: 'This is one of the passwords that are tried first. Choose another one.',
    currentPassword: 'The current password is wrong.',
    invitationSpent: 'This invitation is not good any more. Ask for another one.',
    invitationNeeded: 'One needs an invitation to register here.',
    registrationClosed: 'The administrators make the accounts here.',
    accountDeactivated: 'This account is deactivated. Ask an administrator.',
  } satisfies SentencesOf<Refusal>,
};
