-- Mirror 7 to 8. Pictures of people.
ALTER TABLE users ADD COLUMN picture TEXT;
CREATE TABLE pictures (
    id TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pictures_used ON pictures (used_at);
-- The directory is fetched again from its beginning, because the pictures that people had before this version were not
-- stored. Its head stays: what lies between is what is missing.
UPDATE users SET changed_seq = 0;
UPDATE streams SET cursor = NULL WHERE stream = 'directory';
