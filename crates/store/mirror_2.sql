-- Mirror 1 to 2. Bodies may be packed: the column takes any type from here on. No row changes, so only the
-- text of the schema is replaced (https://sqlite.org/lang_altertable.html, section 8). Segments of the
-- full-text index fit a page of the file, and messages are found by the first half of their ids.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'body TEXT NOT NULL', 'body ANY NOT NULL')
    WHERE name = 'messages';
PRAGMA writable_schema = RESET;
INSERT INTO messages_fts (messages_fts, rank) VALUES ('pgsz', 3970);
DROP INDEX messages_id;
CREATE INDEX messages_id ON messages (substr(id, 1, 8));
