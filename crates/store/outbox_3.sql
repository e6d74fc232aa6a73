-- Outbox 2 to 3. Indexes the sent ops by conversation, to compare them with the mirror.
CREATE INDEX IF NOT EXISTS ops_sent_in ON ops (conversation_id, position) WHERE state = 'sent';
