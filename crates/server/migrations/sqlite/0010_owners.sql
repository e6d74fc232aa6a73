-- Who owns a group is looked up without reading its members.
CREATE INDEX idx_conversation_members_owner ON conversation_members (conversation_id)
    WHERE role = 'owner';

-- Groups whose owner cannot sign in any more had nobody to run them. From here on they are handed to the
-- administrator, or else the member, who is longest in them and can sign in; those of before are here, as a
-- change of their streams like any other.
CREATE TEMP TABLE heirs AS
    SELECT conversation_id, user_id FROM (
        SELECT m.conversation_id, m.user_id, row_number() OVER (
            PARTITION BY m.conversation_id
            ORDER BY CASE m.role WHEN 'administrator' THEN 0 ELSE 1 END, m.joined_at, m.user_id
        ) AS place
        FROM conversation_members AS m JOIN users AS u ON u.id = m.user_id
        WHERE m.left_at IS NULL AND u.deactivated_at IS NULL AND u.password_hash <> '!'
            AND EXISTS (SELECT 1 FROM conversation_members AS o
                WHERE o.conversation_id = m.conversation_id AND o.role = 'owner')
            AND NOT EXISTS (
                SELECT 1 FROM conversation_members AS o JOIN users AS p ON p.id = o.user_id
                WHERE o.conversation_id = m.conversation_id AND o.role = 'owner'
                    AND p.deactivated_at IS NULL AND p.password_hash <> '!')
    ) AS placed
    WHERE place = 1;

UPDATE conversation_members SET role = 'administrator', changed_seq =
        (SELECT head + 1 FROM streams WHERE kind = 'conversation' AND id = conversation_id)
    WHERE role = 'owner' AND conversation_id IN (SELECT conversation_id FROM heirs);
UPDATE conversation_members SET role = 'owner', changed_seq =
        (SELECT head + 1 FROM streams WHERE kind = 'conversation' AND id = conversation_id)
    WHERE EXISTS (SELECT 1 FROM heirs
        WHERE heirs.conversation_id = conversation_members.conversation_id
            AND heirs.user_id = conversation_members.user_id);
UPDATE streams SET head = head + 1, wm = (SELECT wm + 1 FROM instance)
    WHERE kind = 'conversation' AND id IN (SELECT conversation_id FROM heirs);
UPDATE instance SET wm = wm + 1 WHERE EXISTS (SELECT 1 FROM heirs);

DROP TABLE heirs;
