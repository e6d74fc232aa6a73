-- Mirror 6 to 7. Adds profiles. The program computes the skeletons of names (UTS #39) when it opens the file.
ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN display_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN looks TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN username_looks TEXT NOT NULL DEFAULT '';
CREATE INDEX users_display_folded ON users (display_folded) WHERE display_folded <> '';
CREATE INDEX users_looks ON users (looks);
CREATE INDEX users_username_looks ON users (username_looks);
-- The directory is fetched again from its beginning, because earlier versions did not store profiles. Its
-- head stays, so everything up to it counts as missing.
UPDATE users SET changed_seq = 0;
UPDATE streams SET cursor = NULL WHERE stream = 'directory';
