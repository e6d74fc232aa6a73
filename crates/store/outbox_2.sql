-- Outbox 1 to 2. Adds whether the session was ended remotely.
ALTER TABLE account ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
