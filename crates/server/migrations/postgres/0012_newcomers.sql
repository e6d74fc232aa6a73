-- What administrators note of an invitation, and the groups that whoever comes by it joins: their ids, with spaces
-- between.
ALTER TABLE invitations ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN group_ids TEXT NOT NULL DEFAULT '';

-- What administrators choose for the whole server while it runs.
CREATE TABLE server_settings (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
