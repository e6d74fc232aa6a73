import type { ErrorCode } from '../../../ipc';

/** Of these the client or the server says more than a code can: what they say is shown as it is. */
type SaidInFull =
  | 'answer_too_large'
  | 'certificate'
  | 'forbidden'
  | 'gone'
  | 'invalid'
  | 'key_changed'
  | 'members_changed'
  | 'method'
  | 'moved'
  | 'no_upgrade'
  | 'not_a_server'
  | 'offline'
  | 'outbox_not_empty'
  | 'sign_in'
  | 'storage'
  | 'too_large'
  | 'untrusted'
  | 'username_taken'
  | 'wrong_passphrase';

const BUSY = 'The server is busy. Try again in a moment.';
const FAILED = 'Server error. Try again; the server’s log has the cause.';
const RELOADING = 'Reloading this conversation…';
const ENDED = 'Your session has ended. Sign in again.';
const REVOKED = 'This device was signed out. Unsent messages are kept. Sign in to open them.';

/** What went wrong: a sentence for each code that is not said in full. */
export const ofErrors = {
  errors: {
    keychain:
      'The system keychain did not take the session. Sign in for this session only, or unlock the keychain and try again.',
    in_use: 'Parlour is already running. Use the window that is open, or close it and start again.',
    newer_files:
      'Your files were written by a newer version of Parlour and were left as they are. Install that version to open them.',
    disk_full:
      'The disk is full. Nothing was lost, but nothing more can be kept until there is room.',
    locked: 'This account is on this computer and locked. Unlock it first.',
    key_lost:
      'The encryption key of this account is gone from this computer. Use its recovery code, or sign in and download everything again.',
    revoked: REVOKED,
    wipe: REVOKED,
    rate: BUSY,
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
    token: ENDED,
    signed_out: ENDED,
    op_conflict:
      'The server has a different message with this ID. Copy the text and send it again.',
    upgrade: 'Update Parlour to connect to this server. Everything here stays readable.',
  } satisfies Record<Exclude<ErrorCode, SaidInFull>, string>,
  crashed: 'This part of Parlour stopped working. Nothing you wrote was lost.',
};
