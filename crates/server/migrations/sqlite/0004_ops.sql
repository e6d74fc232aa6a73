-- An op is known by its content alone. What it was answered is read anew for who asks again, so that what
-- was deleted since, or is not theirs to see any more, is not handed out; and stands nowhere twice.

ALTER TABLE ops RENAME TO answered_ops;
CREATE TABLE ops (
    user_id TEXT NOT NULL REFERENCES users (id),
    id TEXT NOT NULL,
    -- SHA-256 over the op's content.
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO ops (user_id, id, digest, created_at)
    SELECT user_id, id, digest, created_at FROM answered_ops;
DROP TABLE answered_ops;
CREATE INDEX idx_ops_created ON ops (created_at);
