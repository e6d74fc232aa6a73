-- What was sent, by conversation: it is compared with the mirror.
CREATE INDEX IF NOT EXISTS ops_sent_in ON ops (conversation_id, position) WHERE state = 'sent';
