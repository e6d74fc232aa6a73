-- By what people are found: their usernames, and their display names from each word on, in the form in which names
-- are compared. Whoever was here before gets theirs at the next start.
CREATE TABLE name_keys (
    folded TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (folded, user_id)
);
CREATE INDEX idx_name_keys_user_id ON name_keys (user_id);
