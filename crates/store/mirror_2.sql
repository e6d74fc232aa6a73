-- Mirror 1 to 2. Bodies may be packed: the column takes any type from here on, which changes no row, so
-- that what is allowed is written into the schema itself (https://sqlite.org/lang_altertable.html,
-- section 8). Parts of the full-text index fit a page, and ids are found by their first half.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'body TEXT NOT NULL', 'body ANY NOT NULL')
    WHERE name = 'messages';
PRAGMA writable_schema = RESET;
INSERT INTO messages_fts (messages_fts, rank) VALUES ('pgsz', 3970);
DROP INDEX messages_id;
CREATE INDEX messages_id ON messages (substr(id, 1, 8));
