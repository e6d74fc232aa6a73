-- The mirror: everything that one account may see, on its owner's computer (mirror.db).
--
-- It is disposable: a damaged mirror is set aside and fetched again. What exists nowhere else is in
-- outbox.db (crates/store/outbox.sql). It holds no password hash and no token.
-- Ids are UUIDs of 16 bytes. Times are milliseconds since the Unix epoch. `changed_seq` is the stream's
-- head at which a row last changed: a row is overwritten only by a newer one.

-- One row: the user of this mirror, and the state of the server that it shows.
CREATE TABLE mirror (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    user_id BLOB NOT NULL,
    -- Changes when the server is restored; '' before the first contact.
    epoch TEXT NOT NULL DEFAULT '',
    -- The server's watermark up to which `streams.head` is known.
    wm INTEGER NOT NULL DEFAULT 0,
    -- 0 after a restore of the server, until it is known which conversations it still has.
    is_settled INTEGER NOT NULL DEFAULT 1,
    -- Number of rows that differed from the server's and were repaired.
    repaired INTEGER NOT NULL DEFAULT 0,
    -- Number of messages when the full-text index was last merged; -1 if an earlier version built the
    -- index, which then has to be rebuilt.
    merged INTEGER NOT NULL DEFAULT 0,
    -- The server's proof of `wm`, to be sent when heads are requested; '' if it sent none.
    proof TEXT NOT NULL DEFAULT '',
    -- The keywords for which `activity` has rows, as the setting has them.
    keywords TEXT NOT NULL DEFAULT ''
) STRICT;

-- The change up to which each stream is applied.
CREATE TABLE streams (
    -- 'directory', 'account:ID' or 'conversation:ID'.
    stream TEXT NOT NULL PRIMARY KEY,
    -- The number of the user's join of the conversation for which the cursor counts; 0 for other streams.
    term INTEGER NOT NULL DEFAULT 0,
    -- Everything up to this change is applied; NULL until the stream is bootstrapped.
    cursor INTEGER,
    -- The newest change that the server is known to have.
    head INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    -- A short number of our own, for the rows that refer to a person.
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    -- '' until the directory has arrived.
    username TEXT NOT NULL DEFAULT '',
    -- The role on the whole server: 'administrator' or 'member'.
    role TEXT NOT NULL DEFAULT 'member',
    -- When they were deactivated, and when their name was erased.
    deactivated_at INTEGER,
    erased_at INTEGER,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- The username as a search folds it, by which people are found.
    folded TEXT NOT NULL DEFAULT '',
    -- The profile, '' for what is not given: the display name, the text about the person, the name of the time
    -- zone.
    display_name TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    -- The folded display name, and the skeletons (UTS #39) of the shown name and of the username, which are
    -- equal for names that look alike.
    display_folded TEXT NOT NULL DEFAULT '',
    looks TEXT NOT NULL DEFAULT '',
    username_looks TEXT NOT NULL DEFAULT '',
    -- The id of their picture, NULL for none.
    picture TEXT,
    -- Their status: one emoji and one line, '' for what is not given, and when it ends, NULL for never.
    status_emoji TEXT NOT NULL DEFAULT '',
    status_text TEXT NOT NULL DEFAULT '',
    status_until INTEGER
) STRICT;
CREATE INDEX users_folded ON users (folded);
CREATE INDEX users_display_folded ON users (display_folded) WHERE display_folded <> '';
CREATE INDEX users_looks ON users (looks);
CREATE INDEX users_username_looks ON users (username_looks);

-- Pictures of people that were shown recently.
CREATE TABLE pictures (
    -- SHA-256 of the bytes, in hexadecimal, as in users.picture.
    id TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    -- When it was last shown, accurate to a day. The least recently shown ones are deleted if there are too many.
    used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pictures_used ON pictures (used_at);

-- The user's signed-in devices.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    device TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The user's drafts, as the server has them. Those that this device has not sent yet are in outbox.db.
CREATE TABLE drafts (
    conversation_id BLOB NOT NULL PRIMARY KEY,
    -- '' once it was sent or discarded.
    body TEXT NOT NULL,
    reply_to BLOB,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages that the user saved for later.
CREATE TABLE saved (
    message_id BLOB NOT NULL PRIMARY KEY,
    conversation_id BLOB NOT NULL,
    -- NULL once it is no longer saved.
    saved_at INTEGER,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_saved_at ON saved (saved_at DESC) WHERE saved_at IS NOT NULL;

-- Choices that are the same on all of the user's devices.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    -- A short number of our own; see `messages.key`.
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    -- 'p2p', 'group', or '' until the conversation's own row has arrived.
    type TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    topic TEXT NOT NULL DEFAULT '',
    -- The part of the history that new members see: 'beginning' or 'joining'.
    history TEXT NOT NULL DEFAULT 'beginning',
    -- When it was archived, and so became read-only.
    archived_at INTEGER,
    created_at INTEGER NOT NULL DEFAULT 0,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- The user's own membership, and the conversation's state in the user's list.
    left_at INTEGER,
    muted_until INTEGER,
    pinned_at INTEGER,
    hidden_at INTEGER,
    marked_unread INTEGER NOT NULL DEFAULT 0,
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    -- The position of the first message that the user may see; no earlier one is stored.
    visible_from INTEGER NOT NULL DEFAULT 1,
    membership_changed_seq INTEGER NOT NULL DEFAULT 0,
    -- The positions of the newest and the oldest stored message; 0 if there is none. A floor of 1 means that
    -- the history is complete.
    last_seq INTEGER NOT NULL DEFAULT 0,
    floor_seq INTEGER NOT NULL DEFAULT 0,
    -- The newest message that the server is known to have; greater than last_seq while some are missing.
    known_seq INTEGER NOT NULL DEFAULT 0,
    -- When the newest message was sent, or the conversation was created: the order of the list.
    active_at INTEGER NOT NULL DEFAULT 0,
    -- What people who are removed keep: 'keep' for their copy, 'purge' for nothing.
    removal TEXT NOT NULL DEFAULT 'keep',
    -- 1 if the user was removed and must keep nothing: no message is stored, and it is shown nowhere.
    purged INTEGER NOT NULL DEFAULT 0,
    -- The conversation's newest change that brought another person's reaction to a message of the user.
    reacted_seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX conversations_active ON conversations (active_at DESC);

CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    user INTEGER NOT NULL REFERENCES users (number),
    -- 'owner', 'administrator' or 'member'.
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    -- The position up to which they have read; NULL if the server does not send it.
    last_read_seq INTEGER,
    -- When they left; the row stays.
    left_at INTEGER,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    -- Conversation number × 2^32 + seq: rows are stored in the order in which a conversation is read, and
    -- the full-text index can be queried for one conversation by a range of keys.
    key INTEGER NOT NULL PRIMARY KEY,
    -- Created by the sender. Not UNIQUE: a server's mistake must not stop the stream.
    id BLOB NOT NULL,
    sender INTEGER NOT NULL REFERENCES users (number),
    -- Packed if that is shorter (crates/store/src/packed.rs): then a BLOB, otherwise TEXT; '' once deleted.
    body ANY NOT NULL,
    sent_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    -- When it was pinned to the conversation; NULL if it is not pinned.
    pinned_at INTEGER,
    -- The id of the message that it replies to.
    reply_to BLOB,
    -- The people whom it mentions, and the reactions to it, as they are sent (JSON); NULL if there are none.
    mentions TEXT,
    mentions_all INTEGER NOT NULL DEFAULT 0,
    reactions TEXT,
    changed_seq INTEGER NOT NULL,
    -- The descriptions of its files, as they are sent (JSON); NULL if it has none.
    files TEXT
) STRICT;
-- The index contains the first half of the id, a time and 12 random bits (RFC 9562, version 7): the whole id
-- would make it half as large again. With the random end of the id it would be as small, but filling a new
-- mirror would take twice as long (measured: 93 s against 40 s for 1.3 million messages).
CREATE INDEX messages_id ON messages (substr(id, 1, 8));
CREATE INDEX messages_pinned ON messages (key) WHERE pinned_at IS NOT NULL;
CREATE INDEX messages_files ON messages (key) WHERE files IS NOT NULL;
CREATE INDEX messages_files_at ON messages (sent_at, key) WHERE files IS NOT NULL;

-- The bytes of the files of messages, as far as they are on this computer. They go with the message; if another message
-- has the same file, it is fetched again.
CREATE TABLE files (
    -- The SHA-256 of its bytes, in hexadecimal.
    hash TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    -- Encrypts the bytes, and names the file in the folder `files` (crates/store/src/blobs/).
    secret BLOB NOT NULL,
    -- How much of it is here, from its beginning; all of it if this equals `bytes`.
    received INTEGER NOT NULL DEFAULT 0,
    -- When it was last used, to about a day.
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_used ON files (used_at, bytes);
-- The thumbnails of files.
CREATE TABLE thumbnails (
    hash TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
CREATE TRIGGER messages_files_deleted AFTER DELETE ON messages WHEN old.files IS NOT NULL BEGIN
    DELETE FROM files WHERE hash IN (SELECT json_extract(value, '$.hash')
        FROM json_each(CASE WHEN json_valid(old.files) THEN old.files ELSE '[]' END));
    DELETE FROM thumbnails WHERE hash IN (SELECT json_extract(value, '$.thumbnail.hash')
        FROM json_each(CASE WHEN json_valid(old.files) THEN old.files ELSE '[]' END));
END;
CREATE TRIGGER messages_files_updated AFTER UPDATE OF files ON messages
WHEN old.files IS NOT NULL AND new.files IS NOT old.files BEGIN
    DELETE FROM files WHERE hash IN (SELECT json_extract(value, '$.hash')
        FROM json_each(CASE WHEN json_valid(old.files) THEN old.files ELSE '[]' END));
    DELETE FROM thumbnails WHERE hash IN (SELECT json_extract(value, '$.thumbnail.hash')
        FROM json_each(CASE WHEN json_valid(old.files) THEN old.files ELSE '[]' END));
END;

-- Messages that concern the user, so that Activity and the counts of mentions never read all messages. Written with
-- the message (crates/store/src/activity/fill.rs).
CREATE TABLE activity (
    key INTEGER NOT NULL,
    -- 'mention', 'reply' (to a message of the user), 'reaction' (to this message of the user), 'keyword'; 'open' for a
    -- reply to a message that is not present, which may turn out to be the user's.
    kind TEXT NOT NULL,
    -- When the message was sent; of a reaction, when this device received it, if that was later.
    at INTEGER NOT NULL,
    -- 1 for a mention of everybody that does not name the user.
    is_all INTEGER NOT NULL DEFAULT 0,
    -- The change that brought the newest reaction; 0 if it came with the history.
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- Of an open reply, the id of the message that it replies to.
    target BLOB,
    PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_at ON activity (at, key) WHERE kind <> 'open';
CREATE INDEX activity_kind ON activity (kind, at, key);
CREATE INDEX activity_target ON activity (target) WHERE target IS NOT NULL;
CREATE TRIGGER messages_activity_deleted AFTER DELETE ON messages BEGIN
    DELETE FROM activity WHERE key = old.key;
END;

-- The search terms of every message. Functions of ours derive them from its columns, and they are stored
-- nowhere else: see crates/store/src/index/terms.rs. Those of a new message are inserted with it
-- (crates/store/src/index/insert.rs), not by a trigger: FTS5 would then write the terms of each message separately.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    terms,
    content = '',
    columnsize = 0,
    detail = none,
    tokenize = "ascii tokenchars '='"
);
-- A segment of the index of this size, in bytes, fits a page of the file, of which encryption takes 80 bytes;
-- FTS5's default of 4050 would take two pages.
INSERT INTO messages_fts (messages_fts, rank) VALUES ('pgsz', 3970);
-- The stretches of time in which messages were sent; each term starts with one.
CREATE TABLE search_stretches (stretch INTEGER NOT NULL PRIMARY KEY) STRICT;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions, old.files));
END;
CREATE TRIGGER messages_updated AFTER UPDATE OF body, sender, sent_at, pinned_at, reactions, files ON messages
WHEN (old.body, old.sender, old.sent_at, old.pinned_at IS NULL, old.reactions IS NULL, old.files)
    IS NOT (new.body, new.sender, new.sent_at, new.pinned_at IS NULL, new.reactions IS NULL, new.files)
BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions, old.files));
    INSERT INTO messages_fts (rowid, terms) VALUES (new.key,
        search_terms(new.body, new.sender, new.sent_at, new.pinned_at, new.reactions, new.files));
    INSERT INTO search_stretches (stretch) SELECT search_stretch(new.sent_at)
        WHERE NOT EXISTS (SELECT 1 FROM search_stretches WHERE stretch = search_stretch(new.sent_at));
END;
