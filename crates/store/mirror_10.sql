-- Mirror 9 to 10. The messages that concern the user, for Activity. Those that are here already are looked for once;
-- those with keywords are found with the search index, when Activity is read.
ALTER TABLE mirror ADD COLUMN keywords TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN reacted_seq INTEGER NOT NULL DEFAULT 0;
CREATE TABLE activity (
    key INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_all INTEGER NOT NULL DEFAULT 0,
    changed_seq INTEGER NOT NULL DEFAULT 0,
    target BLOB,
    PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_at ON activity (at, key) WHERE kind <> 'open';
CREATE INDEX activity_kind ON activity (kind, at, key);
CREATE INDEX activity_target ON activity (target) WHERE target IS NOT NULL;
CREATE TRIGGER messages_activity_deleted AFTER DELETE ON messages BEGIN
    DELETE FROM activity WHERE key = old.key;
END;
-- The user, as mentions name people.
CREATE TEMP TABLE me AS SELECT users.number, lower(
        substr(hex(mirror.user_id), 1, 8) || '-' || substr(hex(mirror.user_id), 9, 4) || '-' ||
        substr(hex(mirror.user_id), 13, 4) || '-' || substr(hex(mirror.user_id), 17, 4) || '-' ||
        substr(hex(mirror.user_id), 21)) AS name
    FROM mirror LEFT JOIN users ON users.id = mirror.user_id;
INSERT INTO activity (key, kind, at, is_all)
    SELECT key, 'mention', sent_at, ifnull(instr(mentions, me.name), 0) = 0 FROM messages CROSS JOIN me
    WHERE deleted_at IS NULL AND sender IS NOT me.number
        AND (mentions_all = 1 OR instr(mentions, me.name) > 0);
INSERT INTO activity (key, kind, at)
    SELECT key, 'reaction', sent_at FROM messages CROSS JOIN me
    WHERE deleted_at IS NULL AND sender = me.number AND reactions IS NOT NULL;
INSERT INTO activity (key, kind, at, target)
    SELECT key, 'open', sent_at, reply_to FROM messages CROSS JOIN me
    WHERE deleted_at IS NULL AND sender IS NOT me.number AND reply_to IS NOT NULL;
DELETE FROM activity WHERE kind = 'open' AND EXISTS (
    SELECT 1 FROM messages CROSS JOIN me
    WHERE substr(messages.id, 1, 8) = substr(activity.target, 1, 8) AND messages.id = activity.target
        AND messages.sender IS NOT me.number);
UPDATE activity SET kind = 'reply', target = NULL WHERE kind = 'open' AND EXISTS (
    SELECT 1 FROM messages WHERE substr(messages.id, 1, 8) = substr(activity.target, 1, 8)
        AND messages.id = activity.target);
DROP TABLE me;
