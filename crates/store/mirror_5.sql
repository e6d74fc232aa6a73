-- Mirror 4 to 5. Adds what people who are removed from a group keep, and whether this user must keep nothing.
ALTER TABLE conversations ADD COLUMN removal TEXT NOT NULL DEFAULT 'keep';
ALTER TABLE conversations ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
