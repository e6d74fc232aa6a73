-- The server's tables on SQLite.
--
-- users, sessions, conversations and conversation_members are specified to the letter for
-- PostgreSQL; here a UUID and a time (RFC 3339, UTC, milliseconds) are TEXT and a VARCHAR(n) is a
-- CHECK. What stands below "beyond the specification" in them is ours. No row of a stream is
-- ever deleted in normal operation: a change is a new state, at a new place in its stream.
--
-- The same tables for PostgreSQL stand in ../postgres; a test compares the two.

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
    -- Beyond the specification: the username as it is compared (RFC 8265), so that no two differ by
    -- letter case or width alone; NULL where another program made the row,
    username_key TEXT UNIQUE,
    -- what the person may do on the whole server,
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('administrator', 'member')),
    -- since when they may not sign in,
    deactivated_at TEXT,
    -- when name and profile were taken out,
    erased_at TEXT,
    -- and the directory's head at which the row last changed.
    changed_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_users_username ON users (username);
CREATE INDEX idx_users_changed ON users (changed_seq);
CREATE INDEX idx_users_role ON users (role);

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
    -- where it last called from,
    address TEXT NOT NULL DEFAULT '',
    -- and when,
    last_used_at TEXT,
    -- when the session was ended before its time,
    revoked_at TEXT,
    -- whether its device is then to delete what it holds,
    wipe INTEGER NOT NULL DEFAULT 0,
    -- and its owner's account head at which the row last changed.
    changed_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_sessions_token ON sessions (token);
CREATE INDEX idx_sessions_user_id ON sessions (user_id);
CREATE INDEX idx_sessions_changed ON sessions (user_id, changed_seq);
CREATE INDEX idx_sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
        || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2)
        || '-' || hex(randomblob(6)))),
    type TEXT NOT NULL CHECK (type IN ('p2p', 'group')),
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    -- Beyond the specification: a group's title
    title TEXT NOT NULL DEFAULT '',
    -- and what it is about,
    topic TEXT NOT NULL DEFAULT '',
    -- from where on a new member sees it,
    history TEXT NOT NULL DEFAULT 'beginning' CHECK (history IN ('beginning', 'joining')),
    -- since when nothing more is said in it,
    archived_at TEXT,
    -- how many are in it,
    member_count INTEGER NOT NULL DEFAULT 0,
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
    -- Beyond the specification: what they may do in it,
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'administrator', 'member')),
    -- when they left, NULL while they are in,
    left_at TEXT,
    -- how often they joined,
    term INTEGER NOT NULL DEFAULT 1,
    -- the first message that they may see,
    visible_from INTEGER NOT NULL DEFAULT 1,
    -- how far they have read, and how far the others see that they have,
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    shown_read_seq INTEGER NOT NULL DEFAULT 0,
    -- until when it makes no noise (milliseconds since the Unix epoch; far ahead for ever),
    muted_until INTEGER,
    -- when they put it on top, or away (milliseconds since the Unix epoch),
    pinned_at INTEGER,
    hidden_at INTEGER,
    -- 1 when they want to come back to it,
    marked_unread INTEGER NOT NULL DEFAULT 0,
    -- the conversation's head at which others' view of the row last changed,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- and their account's head at which their own view of it did.
    account_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) STRICT;
CREATE INDEX idx_conversation_members_user_id ON conversation_members (user_id);
CREATE INDEX idx_conversation_members_changed ON conversation_members (conversation_id, changed_seq);
CREATE INDEX idx_conversation_members_account ON conversation_members (user_id, account_seq);
CREATE INDEX idx_conversation_members_left ON conversation_members (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX idx_conversation_members_joined ON conversation_members (joined_at) WHERE visible_from > 1;

-- What was said, by its place. Without foreign keys: whoever writes here has just read both rows,
-- and this is written more often than everything else.
CREATE TABLE messages (
    conversation_id TEXT NOT NULL,
    -- Dense, from 1.
    seq INTEGER NOT NULL,
    -- Made by the sender; a retry finds it here.
    id TEXT NOT NULL UNIQUE,
    sender_id TEXT NOT NULL,
    -- Empty once deleted.
    body TEXT NOT NULL,
    -- The message that it answers.
    reply_to TEXT,
    -- Who is meant by it: a JSON list of ids; and 1 when everybody is.
    mentions TEXT NOT NULL DEFAULT '[]',
    mentions_all INTEGER NOT NULL DEFAULT 0,
    -- What others think of it, as members see it (JSON); made from the table of that name.
    reactions TEXT NOT NULL DEFAULT '[]',
    -- Milliseconds since the Unix epoch, as the next three.
    sent_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    pinned_at INTEGER,
    changed_seq INTEGER NOT NULL,
    -- SHA-256 over the op that sent it, to tell a retry from a different message under its id.
    digest TEXT NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_messages_changed ON messages (conversation_id, changed_seq);
CREATE INDEX idx_messages_pinned ON messages (conversation_id, pinned_at) WHERE pinned_at IS NOT NULL;

-- What a message said before it was edited, oldest first.
CREATE TABLE edits (
    message_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    -- When it was replaced, in milliseconds since the Unix epoch.
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE reactions (
    message_id TEXT NOT NULL,
    emoji TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- Milliseconds since the Unix epoch.
    reacted_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
) STRICT, WITHOUT ROWID;

-- What a person is writing, on any of their devices; '' when it is sent or dropped.
CREATE TABLE drafts (
    user_id TEXT NOT NULL REFERENCES users (id),
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    body TEXT NOT NULL,
    reply_to TEXT,
    updated_at INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_drafts_changed ON drafts (user_id, changed_seq);

-- Messages that a person wants to find again.
CREATE TABLE saved (
    user_id TEXT NOT NULL REFERENCES users (id),
    message_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    -- NULL once it is not saved any more.
    saved_at INTEGER,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_saved_changed ON saved (user_id, changed_seq);

-- A person's choices that follow them to every device.
CREATE TABLE settings (
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_settings_changed ON settings (user_id, changed_seq);

-- Links by which people get in.
CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the link's secret, in hex.
    token TEXT NOT NULL UNIQUE,
    -- NULL for the one that the empty server printed.
    created_by TEXT REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses_left INTEGER NOT NULL,
    role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('administrator', 'member')),
    revoked_at INTEGER
) STRICT;
CREATE INDEX idx_invitations_created ON invitations (created_at);
CREATE INDEX idx_invitations_created_by ON invitations (created_by);

-- How far each stream goes. Narrow, so that "what moved since" reads little.
CREATE TABLE streams (
    kind TEXT NOT NULL CHECK (kind IN ('directory', 'account', 'conversation')),
    -- The user's or the conversation's; all zeros for the directory.
    id TEXT NOT NULL,
    head INTEGER NOT NULL,
    -- The watermark of the commit that moved it last.
    wm INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_streams_wm ON streams (kind, wm);

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
CREATE INDEX idx_ops_created ON ops (created_at);

-- One row.
CREATE TABLE instance (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- Made anew when the database was restored.
    epoch TEXT NOT NULL,
    -- Where the database lay when it was last opened, to notice by itself that it was restored.
    origin TEXT NOT NULL DEFAULT '',
    -- Counts commits that moved a stream. In commit order on both engines, because one transaction
    -- writes at a time: on PostgreSQL a lock that each begins with sees to that.
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
