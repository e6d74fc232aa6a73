-- 1 if the file counts for its owner in file_usage; 0 if an import stored it.
ALTER TABLE files ADD COLUMN is_charged BIGINT NOT NULL DEFAULT 1;
