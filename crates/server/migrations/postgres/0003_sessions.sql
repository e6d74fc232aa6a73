-- When it was told that a session's time was over.
ALTER TABLE sessions ADD COLUMN lapsed_at TIMESTAMP WITH TIME ZONE;
-- What is to be told, and what is to be forgotten; one whose device is to delete what it holds never is.
CREATE INDEX idx_sessions_lapsing ON sessions (expires_at)
    WHERE lapsed_at IS NULL AND revoked_at IS NULL;
CREATE INDEX idx_sessions_lapsed ON sessions (lapsed_at) WHERE lapsed_at IS NOT NULL AND wipe = 0;
CREATE INDEX idx_sessions_ended ON sessions (revoked_at) WHERE revoked_at IS NOT NULL AND wipe = 0;
-- The newest change of an account's that was forgotten: who is not as far begins anew.
ALTER TABLE streams ADD COLUMN floor BIGINT NOT NULL DEFAULT 0;
