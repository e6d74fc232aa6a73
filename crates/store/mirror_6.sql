-- Mirror 5 to 6. People are found by their folded names, which the program computes when it opens the file.
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
DROP INDEX users_username;
CREATE INDEX users_folded ON users (folded);
