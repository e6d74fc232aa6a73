import { limits, type LocalReason } from '../../../ipc';
import { isolate } from '../../direction';
import { count, formatList, plural, formatNumber } from '../numbers';
import type { SentencesOf } from '../sentences-of';

/** Texts for the reasons of failures on this computer, or on the connection to the server. */
export const failuresTexts = {
  failures: {
    notAnAddress:
      'This is not a server’s address. It looks like chat.example.org or https://chat.example.org.',
    notEncrypted: 'This address is not encrypted. Use https:// for a server on another computer.',
    linkDamaged:
      'A part of this link is missing or was changed on the way. Copy it again as it was sent.',
    linkNamesAnotherKey:
      'This link names a different key than the one this computer knows this server by, and the server still has that one. Nothing was sent. Ask for a new link, in a way that you trust.',
    keyChanged: ({ host }) =>
      `${isolate(host)} has a different key than the one this computer knows it by. Someone may be intercepting the connection, or the server was set up again. Nothing was sent, and everything here stays. Ask the administrator; if the server has a new key, sign out here and use a new link.`,
    certificateExpired: ({ host }) =>
      `The certificate of ${isolate(host)} has expired, or the clock of this computer is wrong. Nothing was sent.`,
    certificateNotYetValid: ({ host }) =>
      `The certificate of ${isolate(host)} is not valid yet, or the clock of this computer is wrong. Nothing was sent.`,
    certificateForAnotherName: ({ host }) =>
      `The certificate of ${isolate(host)} is for another name. Nothing was sent.`,
    certificateUnknownIssuer: ({ host }) =>
      `No authority that this computer trusts signed the certificate of ${isolate(host)}. If the server made it itself, use an invitation link, or the link below the list of devices in the settings: they name its key. Nothing was sent.`,
    certificateInvalid: ({ host }) =>
      `The certificate of ${isolate(host)} is not valid. Nothing was sent.`,
    proxyNotTrusted: ({ host, proxy }) =>
      `The proxy ${isolate(proxy)} on the way to ${isolate(host)} has a certificate that this computer does not trust. Nothing was sent. Ask the network’s administrator.`,
    noAnswer: ({ host, cause }) =>
      `The server at ${isolate(host)} did not respond: ${isolate(cause)}.`,
    noAnswerInTime: ({ host }) =>
      `The server at ${isolate(host)} did not respond: it took too long.`,
    connectionFailed: ({ host }) =>
      `The server at ${isolate(host)} did not respond: the connection failed.`,
    connectionLost: ({ host }) =>
      `The server at ${isolate(host)} did not respond: the connection was lost.`,
    connectionEnded: 'The connection to the server ended.',
    serverClosed: 'The server closed the connection.',
    noCertificates:
      'This computer’s list of trusted certificates could not be read, so no server can be trusted. Nothing was sent. Parlour will try again.',
    answerTooLarge: ({ host }) => `The server at ${isolate(host)} sent more than can be read.`,
    notAServer: ({ host }) =>
      `Something other than a Parlour server responded at ${isolate(host)}.`,
    redirectsToNoServer: ({ host, to }) =>
      `${isolate(host)} redirects to ${isolate(to)}, where something other than a Parlour server responded.`,
    leadsElsewhere: ({ host, to }) =>
      `${isolate(host)} redirects to ${isolate(to)}. Nothing was sent there yet. Continue only if that is the server you mean.`,
    serverRedirects: ({ host, to }) =>
      `${isolate(host)} redirects to ${isolate(to)}. Nothing was sent there, and everything here stays. If the server has moved, ask its administrator to keep the old address working.`,
    invalidRedirect: ({ host, to }) =>
      `${isolate(host)} redirects to ${isolate(to)}, an address that Parlour does not connect to. Nothing was sent there.`,
    joined: ({ names, others }) => {
      const more = others > 0 ? [count(others, { one: 'other', other: 'others' })] : [];
      return `${formatList([...names.map(isolate), ...more])} joined since you wrote this. It was not sent. Send it anyway, edit it, or discard it.`;
    },
    filesFail: ({ cause }) =>
      `A file of your account could not be read or written: ${isolate(cause)}.`,
    unsent: ({ count: n }) =>
      `${formatNumber(n)} of your actions ${plural(n, { one: 'has', other: 'have' })} not reached the server yet and would be lost.`,
    tooManyAttempts: ({ seconds }) =>
      `Too many wrong attempts. Try again in ${count(seconds, { one: 'second', other: 'seconds' })}.`,
    notSentYet: 'This message is still waiting to be sent. Save it once it has been.',
    hasOwnCommand: 'This cannot be done in this way. Nothing was changed.',
    passphraseTooLong: `A passphrase has at most ${formatNumber(limits.passphraseBytes)} bytes.`,
    passphraseTooShort: `A passphrase has at least ${limits.minPassphraseChars} characters.`,
    passphraseRequired:
      'Set a passphrase first. Without one, the kept messages could not be opened again.',
    noSuchValue: 'This setting cannot have this value.',
    notALink: 'This is not a link.',
    linkRefused:
      'Only web links can be opened, and mail links with an address, a subject and a text.',
    appLinkDamaged:
      'This link does not lead to a message, a conversation or an invitation. Nothing was opened.',
    noAccountOnServer: ({ host }) =>
      `No open account on this computer is on ${isolate(host)}. Nothing was opened.`,
    notHere:
      'This is not on this computer: you may not be able to read it, or it has not arrived yet.',
    noBrowser: 'The system’s browser did not open.',
    fileUnreadable:
      'This file cannot be read: it was moved, is a folder, or belongs to somebody else. To send a folder, compress it first.',
    fileChanged: 'This file changed while it was read. Attach it again once it is complete.',
    pictureUndecodable:
      'This picture cannot be copied: it is damaged, too large or of an unknown format. Save it as a file instead.',
    clipboardUnavailable:
      'The clipboard of this computer does not take the picture. Save it as a file instead.',
    fileNotHere: 'This file is not on this computer yet. Download it first.',
    fileIsProgram: 'This file is a program.',
    fileLost: 'The copy of this file on this computer is gone. Attach it again.',
    exportCancelled: 'The export was cancelled. Nothing of it was left behind.',
    exportExists: 'A folder with this name exists already. Nothing was exported.',
    exportDiskFull: 'There is no space left there. Nothing of the export was left behind.',
    exportFails: ({ cause }) =>
      `A file could not be written: ${isolate(cause)}. Nothing of the export was left behind.`,
    noOpener: 'No program on this computer opens files of this type. Save it instead.',
    windowStays: ({ cause }) =>
      `The window did not reload (${isolate(cause)}). Close it and start Parlour again.`,
  } satisfies SentencesOf<LocalReason>,
};
