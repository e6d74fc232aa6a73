-- Mirror 8 to 9. What people say they are doing.
ALTER TABLE users ADD COLUMN status_emoji TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN status_text TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN status_until INTEGER;
-- The directory is fetched again from its beginning, because the statuses that people had before this version were not
-- stored. Its head stays: what lies between is what is missing.
UPDATE users SET changed_seq = 0;
UPDATE streams SET cursor = NULL WHERE stream = 'directory';
