-- The outbox as version 1 made it. Never edited: outbox_2.sql and those after it bring this to outbox.sql.
--
-- What exists nowhere else (outbox.db): who is signed in, what waits to be sent, what is being
-- written. Every commit is on the disk before it is shown.

-- One row while an account is set up here. The token is in the system's keychain.
CREATE TABLE account (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- The server's address, as it was typed.
    server TEXT NOT NULL,
    user_id BLOB NOT NULL,
    username TEXT NOT NULL,
    session_id BLOB NOT NULL,
    -- The server's epoch in which what is 'sent' was sent; '' before the first contact. Here and not
    -- only in the mirror, which can be lost: what was sent is offered again in any other epoch.
    epoch TEXT NOT NULL DEFAULT ''
) STRICT;

-- What the user did, in that order.
CREATE TABLE ops (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Made once, kept over every retry; a message's id.
    id BLOB NOT NULL UNIQUE,
    conversation_id BLOB NOT NULL,
    -- As it goes over the wire (JSON).
    action TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- 'waiting', 'refused' (kept until retried, edited or discarded), or 'sent' (kept for 30 days,
    -- to be offered again should the server be restored from a backup).
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'refused', 'sent')),
    -- 1 once it was tried: the server may have it, so its content may not change any more.
    tried INTEGER NOT NULL DEFAULT 0,
    -- Why it was refused: the server's code and sentence.
    code TEXT,
    reason TEXT,
    -- Of a message that was written without the server: when the newest member joined whom its writer
    -- could know of. Whoever joined later makes the app ask before it is sent.
    members_until INTEGER
) STRICT;
CREATE INDEX ops_open ON ops (position) WHERE state <> 'sent';
CREATE INDEX ops_conversation ON ops (conversation_id, position) WHERE state <> 'sent';
CREATE INDEX ops_sent ON ops (created_at) WHERE state = 'sent';

-- What is being written, by conversation, until the server has it: '' drops what it has.
CREATE TABLE drafts (
    conversation_id BLOB NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    reply_to BLOB,
    -- The mirror's drafts.changed_seq that this continues; 0 if there was none.
    based_on INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Small things that this device remembers: the conversation that was open last, and the like.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
