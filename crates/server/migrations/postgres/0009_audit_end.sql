-- One row, once there is an entry: the newest, so that the end of the record cannot be cut off unnoticed.
CREATE TABLE audit_end (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_end (only_row, number, hash)
    SELECT 1, number, hash FROM audit_start;
DELETE FROM audit_end WHERE EXISTS (SELECT 1 FROM audit);
INSERT INTO audit_end (only_row, number, hash)
    SELECT 1, number, hash FROM audit ORDER BY number DESC LIMIT 1;
