-- Who removed a member: one whom a group's owner or administrators removed is not added again by just
-- anybody. NULL for who left, and for whoever was removed before this was noted.
ALTER TABLE conversation_members ADD COLUMN removed_by UUID REFERENCES users (id) ON DELETE SET NULL;
-- 1 when whoever was removed was told to delete what they have of the group.
ALTER TABLE conversation_members ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;
-- What whoever is removed from a group keeps of it: a copy to read, or nothing.
ALTER TABLE conversations ADD COLUMN removal TEXT NOT NULL DEFAULT 'keep'
    CHECK (removal IN ('keep', 'purge'));
