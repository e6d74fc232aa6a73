-- By what people are found: their usernames, and their display names from each word on, in the form in which names
-- are compared. Whoever was here before gets theirs at the next start.
CREATE TABLE name_keys (
    folded TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (folded, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_name_keys_user_id ON name_keys (user_id);
