-- Mirror 5 to 6. People are found by their folded names, which are worked out when the file is opened.
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
DROP INDEX users_username;
CREATE INDEX users_folded ON users (folded);
