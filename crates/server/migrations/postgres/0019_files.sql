-- The files of a message as its members see them (JSON).
ALTER TABLE messages ADD COLUMN files TEXT NOT NULL DEFAULT '[]';

-- The files that people upload. Each is its owner's alone, also where another one has the same bytes, so that nobody
-- learns what others have.
CREATE TABLE files (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    -- SHA-256 of all of it, in hexadecimal.
    hash TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    -- How many bytes are there, from the beginning on.
    received BIGINT NOT NULL,
    -- The state of SHA-256 after these bytes; NULL at the beginning and once it is complete.
    sha256 BYTEA,
    -- 1 once all of it is there and has its hash.
    is_complete BIGINT NOT NULL,
    -- 1 if it is complete and a small still picture.
    is_thumbnail BIGINT NOT NULL,
    -- How often messages refer to it.
    uses BIGINT NOT NULL,
    -- Since when none does, in milliseconds since the Unix epoch; NULL while one does.
    unused_since BIGINT,
    UNIQUE (user_id, hash)
);
CREATE INDEX idx_files_unused ON files (unused_since) WHERE unused_since IS NOT NULL;

-- Where the bytes are: each part is one object of the store, which is written once.
CREATE TABLE file_parts (
    file_id UUID NOT NULL REFERENCES files (id),
    start BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (file_id, start)
);

-- Which files messages refer to, in the order of messages.files, from 0.
CREATE TABLE message_files (
    message_id UUID NOT NULL,
    number BIGINT NOT NULL,
    file_id UUID NOT NULL REFERENCES files (id),
    thumbnail_id UUID REFERENCES files (id),
    PRIMARY KEY (message_id, number)
);
CREATE INDEX idx_message_files_file_id ON message_files (file_id);
CREATE INDEX idx_message_files_thumbnail_id ON message_files (thumbnail_id) WHERE thumbnail_id IS NOT NULL;

-- The bytes of all files of a person, as announced; under the nil id, those received of all files.
CREATE TABLE file_usage (
    owner UUID NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL
);
