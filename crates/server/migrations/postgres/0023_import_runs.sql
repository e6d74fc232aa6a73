-- The imports, so that one can be undone: which one added a message (0 if none did, or one before this version did),
-- and what else it added.
ALTER TABLE messages ADD COLUMN import_run BIGINT NOT NULL DEFAULT 0;

CREATE TABLE import_runs (
    -- Consecutive, from 1.
    number BIGINT NOT NULL PRIMARY KEY,
    format TEXT NOT NULL,
    -- The last part of the export's path.
    name TEXT NOT NULL,
    -- Milliseconds since the Unix epoch, as the next two.
    started_at BIGINT NOT NULL,
    -- NULL if it runs, or was interrupted.
    finished_at BIGINT,
    -- When it was undone last, completely.
    undone_at BIGINT,
    -- The numbers of messages that it added and changed.
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL
);

-- The conversations that an import found or created.
CREATE TABLE import_conversations (
    conversation_id UUID NOT NULL,
    run BIGINT NOT NULL,
    -- 1 if it created the conversation.
    is_new BIGINT NOT NULL,
    -- 1 if the conversation was removed since, by undoing an import.
    is_removed BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, run)
);
CREATE INDEX idx_import_conversations_run ON import_conversations (run, conversation_id);

-- The people of whom an import added something: a message, a mention, a reaction or a membership.
CREATE TABLE import_people (
    user_id UUID NOT NULL,
    run BIGINT NOT NULL,
    -- 1 if it created the user.
    is_new BIGINT NOT NULL,
    -- 1 if the user was removed since, by undoing an import.
    is_removed BIGINT NOT NULL,
    PRIMARY KEY (user_id, run)
);
CREATE INDEX idx_import_people_run ON import_people (run, user_id);
