-- What people tell of themselves, beside the specified table of who they are; '' for what they do not say. It is a
-- part of their row in the directory: a change of it is one of users.changed_seq.
CREATE TABLE profiles (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    display_name TEXT NOT NULL,
    about TEXT NOT NULL,
    -- A name of the database of IANA.
    time_zone TEXT NOT NULL
) STRICT, WITHOUT ROWID;
