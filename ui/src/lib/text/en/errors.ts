import type { ErrorCode } from '../../../ipc';

/** What has no sentence of its own: the client's, which says more than a code can. */
const itsOwn = ({ message }: { message: string }) => message;

const busy = () => 'The server is busy. Retrying automatically.';
const failed = () => 'Server error. Retrying automatically; the server’s log has the cause.';
const anew = () => 'Reloading this conversation…';
const ended = () => 'Your session has ended. Sign in again.';
const revoked = () => 'This device was signed out. Unsent messages are kept. Sign in to open them.';

/** What went wrong. */
export const ofErrors = {
  /** One sentence for each way in which something can fail; `message` is what the client or the server says of it. */
  errors: {
    offline: itsOwn,
    not_a_server: itsOwn,
    no_upgrade: itsOwn,
    moved: itsOwn,
    answer_too_large: itsOwn,
    storage: itsOwn,
    invalid: itsOwn,
    too_large: itsOwn,
    username_taken: itsOwn,
    sign_in: itsOwn,
    outbox_not_empty: itsOwn,
    wrong_passphrase: itsOwn,
    members_changed: itsOwn,
    untrusted: itsOwn,
    gone: itsOwn,
    forbidden: itsOwn,
    method: itsOwn,
    keychain: () =>
      'The system keychain did not take the session. Sign in for this session only, or unlock the keychain and try again.',
    in_use: () =>
      'Parlour is already running. Use the window that is open, or close it and start again.',
    newer_files: () =>
      'Your files were written by a newer version of Parlour and were left as they are. Install that version to open them.',
    disk_full: () =>
      'The disk is full. Nothing was lost, but nothing more can be kept until there is room.',
    locked: () => 'This account is on this computer and locked. Unlock it first.',
    key_lost: () =>
      'The encryption key of this account is gone from this computer. Use its recovery code, or sign in and download everything again.',
    revoked,
    wipe: revoked,
    rate: busy,
    overloaded: busy,
    retry: busy,
    internal: failed,
    unknown: failed,
    epoch: anew,
    term: anew,
    cursor_ahead: anew,
    cursor_old: anew,
    not_member: () =>
      'You are no longer a member of this conversation. Ask someone in it to add you, then retry.',
    read_only: () => 'This conversation is read-only.',
    token: ended,
    signed_out: ended,
    op_conflict: () =>
      'The server has a different message with this ID. Copy the text and send it again.',
    upgrade: () => 'Update Parlour to connect to this server. Everything here stays readable.',
  } satisfies Record<ErrorCode, (said: { message: string }) => string>,
  crashed: 'This part of Parlour stopped working. Nothing you wrote was lost.',
};
