-- What exists nowhere else (outbox.db): the signed-in account, the ops that wait to be sent, and the drafts.
-- Every commit is on the disk before it is shown.

-- One row while an account is set up here. The token is in the system's keychain.
CREATE TABLE account (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- The server's address in its normal form: with the scheme, and without a slash at the end.
    server TEXT NOT NULL,
    user_id BLOB NOT NULL,
    username TEXT NOT NULL,
    session_id BLOB NOT NULL,
    -- The server's epoch in which the ops in the state 'sent' were sent; '' before the first contact. It is
    -- here and not only in the mirror, which can be lost: in any other epoch, those ops are sent again.
    epoch TEXT NOT NULL DEFAULT '',
    -- 1 if the session was ended remotely, until the account signs in again; 2 if, in addition, everything
    -- but the waiting ops was deleted.
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The user's actions, in the order in which they were done.
CREATE TABLE ops (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Created once and kept in every retry; for a message, also the message's id.
    id BLOB NOT NULL UNIQUE,
    conversation_id BLOB NOT NULL,
    -- The action as it is sent (JSON).
    action TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- 'waiting', 'refused' (kept until it is retried, edited or discarded), or 'sent' (kept for 30 days, to
    -- be sent again if the server is restored from a backup).
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'refused', 'sent')),
    -- 1 once it was tried: the server may have it, so its content must not change any more.
    tried INTEGER NOT NULL DEFAULT 0,
    -- Why it was refused: the code, and the exact reason (JSON of protocol::Reason) if the code is not specific.
    code TEXT,
    reason TEXT,
    -- For a message that was written while offline: when the newest member known to its author joined. If
    -- anybody joined later, the app asks the author before it sends the message.
    members_until INTEGER
) STRICT;
CREATE INDEX ops_open ON ops (position) WHERE state <> 'sent';
CREATE INDEX ops_conversation ON ops (conversation_id, position) WHERE state <> 'sent';
CREATE INDEX ops_sent ON ops (created_at) WHERE state = 'sent';
CREATE INDEX ops_sent_in ON ops (conversation_id, position) WHERE state = 'sent';

-- Drafts by conversation, until the server has them; '' deletes the draft that the server has.
CREATE TABLE drafts (
    conversation_id BLOB NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    reply_to BLOB,
    -- The mirror's drafts.changed_seq that the draft continues; 0 if there was none.
    based_on INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Settings of this device, and what it remembers, such as the conversation that was open last.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The files whose bytes are in the folder `files` because they were attached on this device: those in a composer, and
-- those of the messages in `ops`, as long as these may have to be sent (again).
CREATE TABLE files (
    -- The SHA-256 of its bytes, in hexadecimal.
    hash TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    -- Encrypts the bytes, and names the file on the disk (crates/store/src/blobs/).
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The files that wait in the composer of a conversation.
CREATE TABLE staged (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    conversation_id BLOB NOT NULL,
    -- Its place among the files of the conversation.
    place INTEGER NOT NULL,
    -- Its description, unchanged, as a file (JSON of protocol::MessageFile).
    file TEXT NOT NULL,
    -- Its description as a picture, without metadata; NULL if it cannot be one.
    picture TEXT,
    -- 1 if it is sent as a file although it can be a picture.
    as_file INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX staged_place ON staged (conversation_id, place);
CREATE INDEX ops_files ON ops (id) WHERE json_extract(action, '$.files') IS NOT NULL;
