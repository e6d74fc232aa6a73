-- Pictures of people, beside the specified table of who they are. A picture is a part of its person's row in the
-- directory: a change of it is one of users.changed_seq.
CREATE TABLE pictures (
    user_id UUID NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the bytes, in hexadecimal.
    id TEXT COLLATE "C" NOT NULL,
    -- JPEG, PNG or WebP, at most 64 KiB.
    bytes BYTEA NOT NULL
);
CREATE INDEX pictures_id ON pictures (id);
