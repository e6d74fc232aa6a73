-- Outbox 3 to 4. The files that were attached here: their secrets, and those that wait in a composer.
CREATE TABLE files (
    hash TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE staged (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    conversation_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    file TEXT NOT NULL,
    picture TEXT,
    as_file INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX staged_place ON staged (conversation_id, place);
CREATE INDEX ops_files ON ops (id) WHERE json_extract(action, '$.files') IS NOT NULL;
