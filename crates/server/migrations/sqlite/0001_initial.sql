-- The server's tables on SQLite.
--
-- users, sessions, conversations and conversation_members are specified to the letter for
-- PostgreSQL; here a UUID and a time (RFC 3339, UTC, milliseconds) are TEXT and a VARCHAR(n) is a
-- CHECK. What stands below "beyond the specification" in them is ours. No row of any table is ever
-- deleted in normal operation: a change is a new state, at a new place in its stream.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
        || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2)
        || '-' || hex(randomblob(6)))),
    username TEXT NOT NULL UNIQUE CHECK (length(username) <= 50),
    -- A bcrypt hash, never plain text. '!' is nobody's hash: that account cannot sign in.
    password_hash TEXT NOT NULL CHECK (length(password_hash) <= 255),
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    last_seen TEXT,
    -- Beyond the specification: the lower-case username, so that two cannot differ by case alone,
    username_key TEXT UNIQUE,
    -- and the directory's head at which the row last changed.
    changed_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_users_username ON users (username);
CREATE INDEX idx_users_changed ON users (changed_seq);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
        || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2)
        || '-' || hex(randomblob(6)))),
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The SHA-256 digest of the token, in hex: the token cannot be had from it.
    token TEXT NOT NULL UNIQUE,
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    expires_at TEXT NOT NULL,
    -- Beyond the specification: what the device calls itself,
    device TEXT NOT NULL DEFAULT '',
    -- when the session was ended before its time,
    revoked_at TEXT,
    -- and its owner's account head at which the row last changed.
    changed_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_sessions_token ON sessions (token);
CREATE INDEX idx_sessions_user_id ON sessions (user_id);
CREATE INDEX idx_sessions_changed ON sessions (user_id, changed_seq);

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
        || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2)
        || '-' || hex(randomblob(6)))),
    type TEXT NOT NULL CHECK (type IN ('p2p', 'group')),
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    -- Beyond the specification: a group's title,
    title TEXT NOT NULL DEFAULT '',
    -- the newest message's position,
    last_seq INTEGER NOT NULL DEFAULT 0,
    -- and the conversation's head at which the row last changed.
    changed_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_conversations_type ON conversations (type);

CREATE TABLE conversation_members (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    joined_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    -- Beyond the specification: when they left, NULL while they are in,
    left_at TEXT,
    -- how often they joined,
    term INTEGER NOT NULL DEFAULT 1,
    -- how far they have read,
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    -- the conversation's head at which others' view of the row last changed,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- and their account's head at which their own view of it did.
    account_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) STRICT;
CREATE INDEX idx_conversation_members_user_id ON conversation_members (user_id);
CREATE INDEX idx_conversation_members_changed ON conversation_members (conversation_id, changed_seq);
CREATE INDEX idx_conversation_members_account ON conversation_members (user_id, account_seq);

-- What was said, stored in the order in which it is read.
CREATE TABLE messages (
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    -- Dense, from 1.
    seq INTEGER NOT NULL,
    -- Made by the sender; a retry finds it here.
    id TEXT NOT NULL UNIQUE,
    sender_id TEXT NOT NULL REFERENCES users (id),
    -- Empty once deleted.
    body TEXT NOT NULL,
    -- Milliseconds since the Unix epoch, as the next two.
    sent_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    changed_seq INTEGER NOT NULL,
    -- SHA-256 over the op that sent it, to tell a retry from a different message under its id.
    digest TEXT NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_messages_changed ON messages (conversation_id, changed_seq);

-- How far each stream goes. Narrow, so that "what moved since" reads little.
CREATE TABLE streams (
    -- 'directory', 'account:ID' or 'conversation:ID'.
    stream TEXT NOT NULL PRIMARY KEY,
    head INTEGER NOT NULL,
    -- The watermark of the commit that moved it last.
    wm INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_streams_wm ON streams (wm);

-- Results of ops that leave no message behind, by which a retry is known.
CREATE TABLE ops (
    user_id TEXT NOT NULL REFERENCES users (id),
    id TEXT NOT NULL,
    -- SHA-256 over the op's content.
    digest TEXT NOT NULL,
    -- The answer that was given, as JSON.
    done TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- One row.
CREATE TABLE instance (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- Made anew when the database was restored.
    epoch TEXT NOT NULL,
    -- Counts commits; commit-ordered, because SQLite has one writer.
    wm INTEGER NOT NULL
) STRICT;
INSERT INTO instance (only_row, epoch, wm) VALUES (1, lower(hex(randomblob(8))), 0);

-- What was imported, by file, so that a second run adds nothing.
CREATE TABLE imports (
    -- The file's place below the imported folder.
    source TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of its bytes.
    digest TEXT NOT NULL,
    -- How many messages it gave.
    messages INTEGER NOT NULL
) STRICT;
