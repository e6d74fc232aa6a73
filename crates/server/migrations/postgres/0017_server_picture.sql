-- The picture of the server, which administrators choose. The setting "picture" names the one that it has.
CREATE TABLE server_pictures (
    -- SHA-256 of the bytes, in hexadecimal.
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- JPEG, PNG or WebP, at most 64 KiB.
    bytes BYTEA NOT NULL
);
