-- Ids of version 8 (RFC 9562) are derived: a pair's conversation, and what an import made. Before this,
-- clients could take them: a group under the id of two others' conversation, or of a channel to be imported,
-- and messages under an import's ids. What is found of that gets an id of its own, with everything in it, so
-- that the pair can talk and the import has its place. Where anything is changed here the database begins a
-- new epoch, for no stream tells of it: every mirror is fetched anew.

CREATE TEMP TABLE moved AS
    SELECT id AS old, lower(substr(at, 1, 8) || '-' || substr(at, 9, 4) || '-7'
        || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-'
        || hex(randomblob(6))) AS new
    FROM (SELECT id, printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)) AS at
        FROM conversations AS c
        WHERE type = 'group' AND substr(id, 15, 1) = '8' AND NOT EXISTS (
            SELECT 1 FROM messages AS m WHERE m.conversation_id = c.id AND m.digest = 'imported'));

CREATE TEMP TABLE renamed AS
    SELECT id AS old, lower(substr(at, 1, 8) || '-' || substr(at, 9, 4) || '-7'
        || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-'
        || hex(randomblob(6))) AS new
    FROM (SELECT id, printf('%012x', sent_at) AS at FROM messages
        WHERE substr(id, 15, 1) = '8' AND digest <> 'imported');

-- Groups that an import filled and somebody else had begun: an import's first message is by whom it says
-- began the group, and of the same minute.
CREATE TEMP TABLE taken AS
    SELECT id, created_by FROM conversations AS c
    WHERE type = 'group' AND substr(id, 15, 1) = '8'
        AND id NOT IN (SELECT old FROM moved)
        AND NOT EXISTS (
            SELECT 1 FROM messages AS m WHERE m.conversation_id = c.id AND m.seq = 1
                AND m.digest = 'imported' AND m.sender_id = c.created_by
                AND m.sent_at / 1000 = CAST(strftime('%s', c.created_at) AS INTEGER));

UPDATE instance SET epoch = lower(hex(randomblob(8)))
    WHERE EXISTS (SELECT 1 FROM moved) OR EXISTS (SELECT 1 FROM renamed)
        OR EXISTS (SELECT 1 FROM taken)
        OR EXISTS (SELECT 1 FROM messages WHERE instr(body, char(0)) > 0)
        OR EXISTS (SELECT 1 FROM drafts WHERE instr(body, char(0)) > 0)
        OR EXISTS (SELECT 1 FROM settings WHERE instr(value, char(0)) > 0)
        OR EXISTS (SELECT 1 FROM conversations WHERE instr(title || topic, char(0)) > 0)
        OR EXISTS (SELECT 1 FROM conversations WHERE type = 'p2p'
            AND (title <> '' OR topic <> '' OR history <> 'beginning' OR archived_at IS NOT NULL));

-- A pair has no title and no settings.
UPDATE conversations SET title = '', topic = '', history = 'beginning', archived_at = NULL
    WHERE type = 'p2p';

-- PostgreSQL keeps no NUL; no text holds one from here on.
UPDATE messages SET body = replace(body, char(0), char(65533)) WHERE instr(body, char(0)) > 0;
UPDATE edits SET body = replace(body, char(0), char(65533)) WHERE instr(body, char(0)) > 0;
UPDATE drafts SET body = replace(body, char(0), char(65533)) WHERE instr(body, char(0)) > 0;
UPDATE settings SET value = replace(value, char(0), char(65533)) WHERE instr(value, char(0)) > 0;
UPDATE conversations SET title = replace(title, char(0), ''), topic = replace(topic, char(0), '')
    WHERE instr(title || topic, char(0)) > 0;

INSERT INTO conversations (id, type, created_by, created_at, title, topic, history, archived_at,
        member_count, last_seq, changed_seq)
    SELECT moved.new, type, created_by, created_at, title, topic, history, archived_at,
        member_count, last_seq, changed_seq
    FROM conversations JOIN moved ON moved.old = conversations.id;
UPDATE conversation_members
    SET conversation_id = (SELECT new FROM moved WHERE old = conversation_id)
    WHERE conversation_id IN (SELECT old FROM moved);
UPDATE messages SET conversation_id = (SELECT new FROM moved WHERE old = conversation_id)
    WHERE conversation_id IN (SELECT old FROM moved);
UPDATE drafts SET conversation_id = (SELECT new FROM moved WHERE old = conversation_id)
    WHERE conversation_id IN (SELECT old FROM moved);
UPDATE saved SET conversation_id = (SELECT new FROM moved WHERE old = conversation_id)
    WHERE conversation_id IN (SELECT old FROM moved);
UPDATE streams SET id = (SELECT new FROM moved WHERE old = id)
    WHERE kind = 'conversation' AND id IN (SELECT old FROM moved);
DELETE FROM conversations WHERE id IN (SELECT old FROM moved);

UPDATE messages SET id = (SELECT new FROM renamed WHERE old = id)
    WHERE id IN (SELECT old FROM renamed);
UPDATE messages SET reply_to = (SELECT new FROM renamed WHERE old = reply_to)
    WHERE reply_to IN (SELECT old FROM renamed);
UPDATE edits SET message_id = (SELECT new FROM renamed WHERE old = message_id)
    WHERE message_id IN (SELECT old FROM renamed);
UPDATE reactions SET message_id = (SELECT new FROM renamed WHERE old = message_id)
    WHERE message_id IN (SELECT old FROM renamed);
UPDATE saved SET message_id = (SELECT new FROM renamed WHERE old = message_id)
    WHERE message_id IN (SELECT old FROM renamed);

-- Whoever took an import's group looks after it no more, nor those whom they may have let.
UPDATE conversation_members SET role = 'member'
    WHERE role = 'administrator' AND conversation_id IN (SELECT id FROM taken);
UPDATE conversation_members SET role = 'member'
    WHERE role = 'owner' AND EXISTS (SELECT 1 FROM taken
        WHERE taken.id = conversation_id AND taken.created_by = user_id);

DROP TABLE moved;
DROP TABLE renamed;
DROP TABLE taken;
