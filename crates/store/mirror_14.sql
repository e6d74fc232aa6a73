-- Mirror 13 to 14. The index contains the names and types of files.
DROP TRIGGER messages_deleted;
DROP TRIGGER messages_updated;
-- The index is rebuilt in the background (crates/store/src/search/maintenance.rs).
UPDATE mirror SET merged = -1 WHERE EXISTS (SELECT 1 FROM messages WHERE files IS NOT NULL);
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions, old.files));
END;
CREATE TRIGGER messages_updated AFTER UPDATE OF body, sender, sent_at, pinned_at, reactions, files ON messages
WHEN (old.body, old.sender, old.sent_at, old.pinned_at IS NULL, old.reactions IS NULL, old.files)
    IS NOT (new.body, new.sender, new.sent_at, new.pinned_at IS NULL, new.reactions IS NULL, new.files)
BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, terms) VALUES ('delete', old.key,
        search_terms(old.body, old.sender, old.sent_at, old.pinned_at, old.reactions, old.files));
    INSERT INTO messages_fts (rowid, terms) VALUES (new.key,
        search_terms(new.body, new.sender, new.sent_at, new.pinned_at, new.reactions, new.files));
    INSERT INTO search_stretches (stretch) SELECT search_stretch(new.sent_at)
        WHERE NOT EXISTS (SELECT 1 FROM search_stretches WHERE stretch = search_stretch(new.sent_at));
END;
