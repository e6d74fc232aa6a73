-- What people say they are doing, as part of their profiles.
ALTER TABLE profiles ADD COLUMN status_emoji TEXT NOT NULL DEFAULT '';
ALTER TABLE profiles ADD COLUMN status_text TEXT NOT NULL DEFAULT '';
-- When it ends; NULL if it stays until it is changed.
ALTER TABLE profiles ADD COLUMN status_until BIGINT;
