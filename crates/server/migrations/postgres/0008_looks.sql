-- What a username looks like (the skeleton of UTS #39, in lower case): no new one may look like another's.
-- NULL until it is worked out, before somebody next registers; accounts that look alike already stay.
ALTER TABLE users ADD COLUMN username_looks TEXT;
CREATE INDEX idx_users_looks ON users (username_looks);
