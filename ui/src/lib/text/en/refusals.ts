import { limits, type Refusal } from '../../../ipc';
import { formatNumber } from '../numbers';
import type { SentencesOf } from '../sentences-of';

/** Texts for the reasons of refusals, by the server or before a request is sent. */
export const refusalsTexts = {
  refusals: {
    messageBlank: 'A message needs some text.',
    messageTooLong: `A message has at most ${limits.bodyBytes / 1024} KiB. Send this one in parts.`,
    messageControls: 'A message cannot contain control characters. Remove them, or type it again.',
    mentionsTooMany: `A message can mention at most ${limits.mentions} people.`,
    titleLength: `A group’s name has 1 to ${limits.titleChars} characters.`,
    titleLines: 'A group’s name is one line, without control characters.',
    titleHidden: `A group’s name cannot contain invisible characters, ones that change the direction of text, marks at its start, or more than ${limits.marks} marks on one character.`,
    titleScripts:
      'A word of a group’s name cannot mix scripts, because its letters could be mistaken for others.',
    titleCallsAll: 'A group’s name cannot contain a word that mentions everybody, such as @all.',
    topicTooLong: `A topic has at most ${limits.topicChars} characters.`,
    topicBlank: 'This topic has no visible characters. Write one, or leave it empty.',
    topicLines: 'A topic cannot contain control characters.',
    topicHidden: `A topic cannot contain invisible characters, ones that change the direction of text, marks at its start, or more than ${limits.marks} marks on one character.`,
    noEmoji: 'This is not a single emoji.',
    reactionsFull: 'This message already has the maximum number of different reactions.',
    directNeedsAnother: 'A direct message needs another person.',
    groupTooLarge: `A group can be created with at most ${limits.createMembers} members.`,
    senderEdits: 'Only the sender of a message can edit it.',
    senderDeletes: 'Only the sender of a message can delete it.',
    messageDeleted: 'This message was deleted.',
    removedBefore:
      'This person was removed from the group. Only its owner and administrators can add them again.',
    ownerRemoves: 'Only the group’s owner can remove this person.',
    ownerOnly: 'Only the group’s owner can do this.',
    managersOnly: 'Only the group’s owner and administrators can do this.',
    managersCallAll: 'Only the group’s owner and administrators can mention everybody.',
    handOverFirst: 'Transfer ownership of the group to somebody before you leave it.',
    personErased: 'This person’s account was erased, so nothing reaches them any more.',
    personDeactivated: 'This person’s account is deactivated, so nothing reaches them any more.',
    usernameLength: `A username has 1 to ${limits.usernameChars} characters.`,
    usernameCharacters:
      'A username consists of letters, digits (European ones, or those of its script) and punctuation, without spaces, symbols or invisible characters, and begins and ends with a letter, a digit or an underscore.',
    usernameErased:
      '“erased” and names that start like “erased-” are reserved for erased accounts. Choose another one.',
    usernameCallsAll: 'This word mentions everybody when it follows an @. Choose another name.',
    usernameSign: 'A username cannot contain an @, which precedes usernames in mentions.',
    usernameMarks:
      'A username starts with a letter, digit or punctuation character, and has at most two marks on each character.',
    usernameScripts:
      'A username cannot mix scripts, because its letters could be mistaken for others.',
    usernameReserved:
      'Nobody can sign in with this name: it starts with an @, or looks like a word that mentions everybody or like the name of an erased account. Whoever had it before was given another one: ask an administrator which.',
    usernameLooksTaken: 'This username looks like somebody else’s. Choose another one.',
    displayNameTooLong: `A display name has at most ${limits.displayNameChars} characters.`,
    displayNameBlank: 'This display name has no visible characters. Write one, or leave it empty.',
    displayNameHidden: `A display name is one line, without invisible characters, ones that change the direction of text, marks at its start, or more than ${limits.marks} marks on one character.`,
    displayNameScripts:
      'A word of a display name cannot mix scripts, because its letters could be mistaken for others.',
    displayNameSign: 'A display name cannot contain an @, which is for usernames.',
    aboutTooLong: `This text has at most ${limits.aboutChars} characters.`,
    aboutHidden: `This text cannot contain invisible characters, ones that change the direction of text, marks at its start, or more than ${limits.marks} marks on one character.`,
    statusTooLong: `A status has at most ${limits.statusChars} characters.`,
    statusHidden: `A status is one line, without invisible characters, ones that change the direction of text, marks at its start, or more than ${limits.marks} marks on one character.`,
    statusOff: 'Presence and statuses are switched off on this server.',
    timeZone: 'This is not the name of a time zone.',
    noPicture: 'This is not a PNG, JPEG or WebP picture, or it is damaged. Choose another one.',
    pictureTooLarge: `A picture has at most ${limits.pictureBytes / 1024} KB. Choose another one.`,
    pictureShape: `A picture is square and has at most ${limits.picturePixels} pixels a side. Choose another one.`,
    pictureMoves: 'A picture cannot be animated. Choose another one.',
    filesTooMany: `A message has at most ${limits.files} files. Send the others in another one.`,
    fileName: `A file’s name is one line of at most ${limits.fileNameBytes} bytes, without slashes, invisible characters, and more than ${limits.marks} marks on one character.`,
    fileEmpty: 'This file is empty.',
    fileTooLarge: ({ maxMib }) => `A file has at most ${maxMib} MB here.`,
    fileType: 'Files of this type cannot be sent here.',
    filesOff: 'Files cannot be sent here.',
    fileMissing: 'A file of this message is not on the server any more. Attach it again.',
    fileDiffers: 'This file changed while it was uploaded. Attach it again.',
    fileQuota: ({ maxMib }) => `All your files together may have at most ${maxMib} MB.`,
    storageFull: 'The server has no space for more files at present.',
    serverName: `A server’s name is one line of at most ${limits.serverNameChars} characters, without invisible ones, more than ${limits.marks} marks on one, and words that mix scripts.`,
    welcome: `A welcome text has at most ${limits.welcomeChars} characters, without invisible ones, and at most ${limits.marks} marks on each.`,
    passwordTooLong: ({ bytes, max }) =>
      `The password is ${formatNumber(bytes)} bytes long; at most ${formatNumber(max)} can be used. Choose a shorter one.`,
    passwordCharacters:
      'The password is empty, or has a character that cannot be typed everywhere. Use letters, digits, punctuation and spaces.',
    passwordTooShort: ({ min }) => `The password needs at least ${formatNumber(min)} characters.`,
    passwordCommon: 'This is one of the passwords that attackers try first. Choose another one.',
    currentPassword: 'The current password is wrong.',
    invitationSpent: 'This invitation is no longer valid. Ask for another one.',
    invitationNeeded: 'You need an invitation to register here.',
    registrationClosed: 'Only administrators create accounts here.',
    accountDeactivated: 'This account is deactivated. Ask an administrator.',
  } satisfies SentencesOf<Refusal>,
};
