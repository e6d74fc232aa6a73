-- Whether somebody ended the session here.
ALTER TABLE account ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
