import type { ErrorCode } from '../../ipc';

/** One sentence for each way in which something can fail. */
export function errorText(code: ErrorCode, message: string): string {
  switch (code) {
    case 'offline':
    case 'not_a_server':
    case 'no_upgrade':
    case 'moved':
    case 'answer_too_large':
    case 'keychain':
    case 'in_use':
    case 'newer_files':
    case 'disk_full':
    case 'storage':
    case 'invalid':
    case 'too_large':
    case 'username_taken':
    case 'sign_in':
    case 'outbox_not_empty':
    case 'locked':
    case 'wrong_passphrase':
    case 'key_lost':
    case 'members_changed':
    case 'untrusted':
    case 'revoked':
    case 'wipe':
    case 'gone':
    case 'forbidden':
    case 'method':
      // The client's own sentence says more than a code can.
      return message;
    case 'rate':
    case 'overloaded':
    case 'retry':
      return 'The server has too much to do. It is tried again by itself.';
    case 'internal':
    case 'unknown':
      return 'The server failed. It is tried again by itself; its administrator can see why.';
    case 'epoch':
    case 'term':
    case 'cursor_ahead':
    case 'cursor_old':
      return 'This conversation is being fetched anew.';
    case 'not_member':
      return 'You are no longer a member of this conversation. Ask someone in it to add you, then retry.';
    case 'read_only':
      return 'This conversation takes no more messages.';
    case 'token':
    case 'signed_out':
      return 'Your session has ended. Sign in again.';
    case 'op_conflict':
      return 'The server has something else under this number. Copy the text and send it again.';
    case 'upgrade':
      return 'This version of Parlour is too old for the server. Update it; everything here stays readable.';
    default:
      code satisfies never;
      return message;
  }
}
