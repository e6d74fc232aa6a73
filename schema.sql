-- The mirror: everything that one account may see, on its owner's computer (mirror.db).
--
-- It is disposable: a damaged mirror is set aside and fetched again. What exists nowhere else is in
-- outbox.db (crates/store/outbox.sql). It holds no password hash and no token.
--
-- Ids are UUIDs in 16 bytes. Times are milliseconds since the Unix epoch. `changed_seq` is the
-- stream's head at which a row last changed: a row is overwritten by a newer one only.

-- One row: whose mirror this is, and of which state of the server.
CREATE TABLE mirror (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    user_id BLOB NOT NULL,
    -- Changes when the server was restored; '' before the first contact.
    epoch TEXT NOT NULL DEFAULT '',
    -- The server's watermark up to which `streams.head` is known.
    wm INTEGER NOT NULL DEFAULT 0,
    -- 0 while it is not known which conversations the server still has, after it was restored.
    is_settled INTEGER NOT NULL DEFAULT 1,
    -- Rows that differed from the server's and were mended.
    repaired INTEGER NOT NULL DEFAULT 0,
    -- How many messages there were when the full-text index was last merged; -1 while it is one of an
    -- earlier version, which is to be built anew.
    merged INTEGER NOT NULL DEFAULT 0,
    -- What the server vouched for `wm` with, to be shown when heads are asked for; '' if it did not.
    proof TEXT NOT NULL DEFAULT ''
) STRICT;

-- How far each stream is applied.
CREATE TABLE streams (
    -- 'directory', 'account:ID' or 'conversation:ID'.
    stream TEXT NOT NULL PRIMARY KEY,
    -- One's join of the conversation that the cursor counts for; 0 for other streams.
    term INTEGER NOT NULL DEFAULT 0,
    -- Everything up to here is applied; NULL until the stream is bootstrapped.
    cursor INTEGER,
    -- The newest change that the server is known to have.
    head INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    -- Our own short number, for the rows that refer to a person.
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    -- '' until the directory has told it.
    username TEXT NOT NULL DEFAULT '',
    -- 'administrator' or 'member' of the whole server.
    role TEXT NOT NULL DEFAULT 'member',
    -- Since when they cannot sign in, and since when their name is gone.
    deactivated_at INTEGER,
    erased_at INTEGER,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- The username as a search folds it, by which people are found.
    folded TEXT NOT NULL DEFAULT '',
    -- What they tell of themselves, '' for what they do not say: the name that is shown of them, what they
    -- do, and the name of their time zone.
    display_name TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    -- The display name as a search folds it, and what looks like the name that is shown and like the username
    -- (UTS #39).
    display_folded TEXT NOT NULL DEFAULT '',
    looks TEXT NOT NULL DEFAULT '',
    username_looks TEXT NOT NULL DEFAULT '',
    -- The id of their picture, NULL for none.
    picture TEXT
) STRICT;
CREATE INDEX users_folded ON users (folded);
CREATE INDEX users_display_folded ON users (display_folded) WHERE display_folded <> '';
CREATE INDEX users_looks ON users (looks);
CREATE INDEX users_username_looks ON users (username_looks);

-- Pictures of people that were shown lately.
CREATE TABLE pictures (
    -- SHA-256 of the bytes, in hexadecimal, as in users.picture.
    id TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    -- When it was shown last, give or take a day. Those that were not for longest make room for others.
    used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pictures_used ON pictures (used_at);

-- One's own signed-in devices.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    device TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What one is writing, as the server has it. What this device has not told it yet is in outbox.db.
CREATE TABLE drafts (
    conversation_id BLOB NOT NULL PRIMARY KEY,
    -- '' once it was sent or dropped.
    body TEXT NOT NULL,
    reply_to BLOB,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages that one saved for later.
CREATE TABLE saved (
    message_id BLOB NOT NULL PRIMARY KEY,
    conversation_id BLOB NOT NULL,
    -- NULL once it is not saved any more.
    saved_at INTEGER,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_saved_at ON saved (saved_at DESC) WHERE saved_at IS NOT NULL;

-- Choices that are the same on all of one's devices.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    -- Our own short number; see `messages.key`.
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    -- 'p2p', 'group', or '' until the conversation's own row has come.
    type TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    topic TEXT NOT NULL DEFAULT '',
    -- What its new members see: 'beginning' or 'joining'.
    history TEXT NOT NULL DEFAULT 'beginning',
    -- Since when it can be read and no more.
    archived_at INTEGER,
    created_at INTEGER NOT NULL DEFAULT 0,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    -- One's own place in it, and in one's list.
    left_at INTEGER,
    muted_until INTEGER,
    pinned_at INTEGER,
    hidden_at INTEGER,
    marked_unread INTEGER NOT NULL DEFAULT 0,
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    -- The first message that one may see; none below it is here.
    visible_from INTEGER NOT NULL DEFAULT 1,
    membership_changed_seq INTEGER NOT NULL DEFAULT 0,
    -- The newest and the oldest message that are here; 0 if there is none, and a floor of 1 means
    -- that the history is complete.
    last_seq INTEGER NOT NULL DEFAULT 0,
    floor_seq INTEGER NOT NULL DEFAULT 0,
    -- The newest message that the server is known to have; more than last_seq while some is to come.
    known_seq INTEGER NOT NULL DEFAULT 0,
    -- When the newest message was sent, or the conversation made: the order of the list.
    active_at INTEGER NOT NULL DEFAULT 0,
    -- What whoever is removed keeps: 'keep' for a copy, 'purge' for nothing.
    removal TEXT NOT NULL DEFAULT 'keep',
    -- 1 when one was removed and keeps nothing: no message of it is here, and it is shown nowhere.
    purged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX conversations_active ON conversations (active_at DESC);

CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations (number),
    user INTEGER NOT NULL REFERENCES users (number),
    -- 'owner', 'administrator' or 'member'.
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    -- How far they have read; NULL where that is not told.
    last_read_seq INTEGER,
    -- When they left; the row stays.
    left_at INTEGER,
    changed_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    -- conversation number × 2^32 + seq: rows lie in the order in which a conversation is read, and
    -- the index below can be asked about one conversation by a range of keys.
    key INTEGER NOT NULL PRIMARY KEY,
    -- Made by the sender. Not UNIQUE: a server's mistake must not stop the stream.
    id BLOB NOT NULL,
    sender INTEGER NOT NULL REFERENCES users (number),
    -- Packed where that is shorter (crates/store/src/packed.rs): a BLOB then, else TEXT; '' once deleted.
    body ANY NOT NULL,
    sent_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    -- When it was pinned to the conversation, while it is.
    pinned_at INTEGER,
    -- The id of the message that it answers.
    reply_to BLOB,
    -- Who is meant by it, and what others think of it, as they come over the wire (JSON); NULL for
    -- nobody and nothing.
    mentions TEXT,
    mentions_all INTEGER NOT NULL DEFAULT 0,
    reactions TEXT,
    changed_seq INTEGER NOT NULL
) STRICT;
-- By the first half of the id, which is a time and 12 bits of chance (RFC 9562, version 7): the whole
-- would make the index half as large again. By its random end it would be as small, and a new mirror
-- would take twice as long to fill (measured: 93 s against 40 s for 1.3 million messages).
CREATE INDEX messages_id ON messages (substr(id, 1, 8));
CREATE INDEX messages_pinned ON messages (key) WHERE pinned_at IS NOT NULL;

-- What every message can be found by. The terms are made of its columns, by functions of our own, and
-- kept nowhere else: crates/store/src/index/terms.rs says what they are.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    terms,
    content = '',
    columnsize = 0,
    detail = none,
    tokenize = "ascii tokenchars '='"
);
-- What it stores as one, in bytes, fits a page of the file, of which encryption takes 80 bytes; its own
-- choice, 4050, would take two.
INSERT INTO messages_fts (messages_fts, rank) VALUES ('pgsz', 3970);
-- The stretches of time in which a message was sent, by which all terms begin.
CREATE TABLE search_stretches (stretch INTEGER NOT NULL PRIMARY KEY) STRICT;
CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts (rowid, terms) VALUES (new.key,
        search_terms(new.body, new.sender, new.sent_at, new.pinned_at, new.reactions));
    INSERT INTO search_stretches (stretch) SELECT search_stretch(new.sent_at)
        WHERE NOT EXISTS (SELECT 1 FROM search_stretches WHERE stretch = search_stretch(new.sent_at));
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions));
END;
CREATE TRIGGER messages_updated AFTER UPDATE OF body, sender, sent_at, pinned_at, reactions ON messages
WHEN (old.body, old.sender, old.sent_at, old.pinned_at IS NULL, old.reactions IS NULL)
    IS NOT (new.body, new.sender, new.sent_at, new.pinned_at IS NULL, new.reactions IS NULL)
BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions));
    INSERT INTO messages_fts (rowid, terms) VALUES (new.key,
        search_terms(new.body, new.sender, new.sent_at, new.pinned_at, new.reactions));
    INSERT INTO search_stretches (stretch) SELECT search_stretch(new.sent_at)
        WHERE NOT EXISTS (SELECT 1 FROM search_stretches WHERE stretch = search_stretch(new.sent_at));
END;
