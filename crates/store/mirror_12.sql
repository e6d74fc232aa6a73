-- Mirror 11 to 12. The bytes of the files of messages, as far as they are here.
CREATE INDEX messages_files ON messages (key) WHERE files IS NOT NULL;
CREATE INDEX messages_files_at ON messages (sent_at, key) WHERE files IS NOT NULL;
CREATE TABLE files (
    hash TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    secret BLOB NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_used ON files (used_at, bytes);
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
