import type { ErrorCode } from '../../../ipc';

const BUSY = 'The server is busy. Try again in a moment.';
const FAILED = 'Server error. Try again; the server’s log has the cause.';
const RELOADING = 'Reloading this conversation…';
const ENDED = 'Your session has ended. Sign in again.';
const REVOKED = 'This device was signed out. Unsent messages are kept. Sign in to open them.';

/** Texts for each error code, shown if no reason is known. */
export const errorsTexts = {
  errors: {
    response_too_large: 'The server’s response was too large.',
    keychain:
      'The system keychain did not store the session. Sign in for this session only, or unlock the keychain and try again.',
    in_use: 'Parlour is already running. Use the window that is open, or close it and start again.',
    newer_files:
      'Your files were written by a newer version of Parlour and were left as they are. Install that version to open them.',
    disk_full:
      'The disk is full. Nothing was lost, but nothing more can be stored until there is space.',
    storage: 'A file of your account could not be read or written.',
    locked: 'This account is on this computer, but locked. Unlock it first.',
    key_lost:
      'The encryption key of this account is gone from this computer. Use its recovery code, or sign in and download everything again.',
    wrong_passphrase: 'Wrong passphrase. Nothing was changed.',
    outbox_not_empty: 'Some of your actions have not reached the server yet and would be lost.',
    revoked: REVOKED,
    wipe: REVOKED,
    rate_limited: BUSY,
    overloaded: BUSY,
    retry: BUSY,
    internal: FAILED,
    unknown: FAILED,
    epoch: RELOADING,
    term: RELOADING,
    cursor_ahead: RELOADING,
    cursor_old: RELOADING,
    not_member:
      'You are no longer a member of this conversation. Ask someone in it to add you, then retry.',
    read_only: 'This conversation is read-only.',
    forbidden: 'You are not allowed to do this.',
    not_found: 'This no longer exists.',
    invalid: 'The server does not accept this.',
    too_large: 'This is too large to send.',
    method_not_allowed: 'The server does not support this.',
    members_changed:
      'People joined since you wrote this. It was not sent. Send it anyway, edit it, or discard it.',
    impossible_members:
      'The server says that this direct message is a group, or that others are in it. That is impossible, so nothing was sent. Ask the server’s administrator.',
    invalid_token: ENDED,
    signed_out: ENDED,
    wrong_credentials: 'The username or the password is wrong.',
    username_taken: 'This username is taken.',
    op_conflict:
      'The server has a different message with this ID. Copy the text and send it again.',
    client_outdated: 'Update Parlour to connect to this server. Everything here stays readable.',
    offline: 'The server did not respond.',
    not_a_server: 'Something other than a Parlour server responded at this address.',
    moved: 'This address redirects to another one. Nothing was sent there.',
    certificate: 'The certificate of this server cannot be trusted. Nothing was sent.',
    key_changed:
      'This server has a different key than the one this computer knows it by. Nothing was sent.',
    no_websocket:
      'Messages arrive every few seconds instead of at once, because something between here and the server blocks its WebSocket. A proxy in front of the server must pass on the headers Upgrade and Connection of /v1/socket over HTTP/1.1, and keep the connection open.',
  } satisfies Record<ErrorCode, string>,
  crashed: 'This part of Parlour stopped working. Nothing you wrote was lost.',
};
