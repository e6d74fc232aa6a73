import type { ErrorCode } from '../../../ipc';

/** What has no sentence of its own: the client's, which says more than a code can. */
const itsOwn = ({ message }: { message: string }) => message;

const busy = () => 'The server has too much to do. It is tried again by itself.';
const failed = () =>
  'The server failed. It is tried again by itself; its administrator can see why.';
const anew = () => 'This conversation is being fetched anew.';
const ended = () => 'Your session has ended. Sign in again.';
const revoked = () =>
  'This device was signed out. It shows nothing until you sign in again; what was not sent is kept.';

/** What went wrong. */
export const ofErrors = {
  /** One sentence for each way in which something can fail; `message` is what the client or the server says of it. */
  errors: {
    offline: itsOwn,
    not_a_server: itsOwn,
    no_upgrade: itsOwn,
    moved: itsOwn,
    answer_too_large: itsOwn,
    keychain: itsOwn,
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
    in_use: () =>
      'Parlour is already running. Use the window that is open, or close it and start again.',
    newer_files: () =>
      'Your files were written by a newer version of Parlour and were left as they are. Install that version to open them.',
    disk_full: () =>
      'The disk is full. Nothing was lost, but nothing more can be kept until there is room.',
    locked: () => 'This account is on this computer and locked. Unlock it first.',
    key_lost: () =>
      'The key of this account’s files is not on this computer any more. With its recovery code they can be opened; or sign in and fetch everything again.',
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
    read_only: () => 'This conversation takes no more messages.',
    token: ended,
    signed_out: ended,
    op_conflict: () =>
      'The server has something else under this number. Copy the text and send it again.',
    upgrade: () =>
      'This version of Parlour is too old for the server. Update it; everything here stays readable.',
  } satisfies Record<ErrorCode, (said: { message: string }) => string>,
  crashed: 'This part of the window failed. Nothing you wrote was lost.',
};
