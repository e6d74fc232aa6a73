-- Who came in, and what was done to accounts; kept for a year. See audit.rs.
CREATE TABLE audit (
    -- Dense, from 1.
    number BIGINT NOT NULL PRIMARY KEY,
    -- Milliseconds since the Unix epoch.
    at BIGINT NOT NULL,
    -- Whose id; '' for the command line and for whoever is not known.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    -- The id of the person, session or invitation that it was done to; '' where there is none.
    subject TEXT NOT NULL,
    -- From where: an IPv4 /24, an IPv6 /64, or words.
    network TEXT NOT NULL,
    details TEXT NOT NULL,
    -- SHA-256, in hex, over the entry before's and all of the above.
    hash TEXT NOT NULL
);

-- One row, once something was forgotten: the last entry that was, which the first that is kept continues.
CREATE TABLE audit_start (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);

-- What an earlier version let stand: invitations of those who are no administrators any more, and lasting
-- ones that make administrators.
UPDATE invitations SET revoked_at = created_at WHERE revoked_at IS NULL AND created_by IN
    (SELECT id FROM users WHERE role <> 'administrator' OR deactivated_at IS NOT NULL);
UPDATE invitations SET uses_left = 1 WHERE role = 'administrator' AND uses_left > 1;
UPDATE invitations SET expires_at = created_at + 86400000
    WHERE role = 'administrator' AND expires_at > created_at + 86400000;
