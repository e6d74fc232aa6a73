-- Of an account's stream: the number of groups that the person is in, which is limited; 0 for other streams.
ALTER TABLE streams ADD COLUMN group_count BIGINT NOT NULL DEFAULT 0;
UPDATE streams SET group_count =
        (SELECT count(*) FROM conversation_members AS m JOIN conversations AS c ON c.id = m.conversation_id
            WHERE m.user_id = streams.id AND m.left_at IS NULL AND c.type = 'group')
    WHERE kind = 'account';
