-- Mirror 4 to 5. What a group lets those keep who are removed, and whether one was told to keep nothing.
ALTER TABLE conversations ADD COLUMN removal TEXT NOT NULL DEFAULT 'keep';
ALTER TABLE conversations ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
