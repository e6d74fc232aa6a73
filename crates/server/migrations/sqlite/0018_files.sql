-- The files of a message as its members see them (JSON).
ALTER TABLE messages ADD COLUMN files TEXT NOT NULL DEFAULT '[]';

-- The files that people upload. Each is its owner's alone, also where another one has the same bytes, so that nobody
-- learns what others have.
CREATE TABLE files (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- SHA-256 of all of it, in hexadecimal.
    hash TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    -- How many bytes are there, from the beginning on.
    received INTEGER NOT NULL,
    -- The state of SHA-256 after these bytes; NULL at the beginning and once it is complete.
    sha256 BLOB,
    -- 1 once all of it is there and has its hash.
    is_complete INTEGER NOT NULL,
    -- 1 if it is complete and a small still picture.
    is_thumbnail INTEGER NOT NULL,
    -- How often messages refer to it.
    uses INTEGER NOT NULL,
    -- Since when none does, in milliseconds since the Unix epoch; NULL while one does.
    unused_since INTEGER,
    UNIQUE (user_id, hash)
) STRICT;
CREATE INDEX idx_files_unused ON files (unused_since) WHERE unused_since IS NOT NULL;

-- Where the bytes are: each part is one object of the store, which is written once.
CREATE TABLE file_parts (
    file_id TEXT NOT NULL REFERENCES files (id),
    start INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (file_id, start)
) STRICT, WITHOUT ROWID;

-- Which files messages refer to, in the order of messages.files, from 0.
CREATE TABLE message_files (
    message_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    file_id TEXT NOT NULL REFERENCES files (id),
    thumbnail_id TEXT REFERENCES files (id),
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_message_files_file_id ON message_files (file_id);
CREATE INDEX idx_message_files_thumbnail_id ON message_files (thumbnail_id) WHERE thumbnail_id IS NOT NULL;

-- The bytes of all files of a person, as announced; under the nil id, those received of all files.
CREATE TABLE file_usage (
    owner TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
