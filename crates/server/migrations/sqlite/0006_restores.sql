
-- How it is noticed that the database was put back to an earlier state.

-- The key under which the server vouches for what it said (HMAC-SHA256, 64 hex digits); '' until a
-- server has first opened the database.
ALTER TABLE instance ADD COLUMN secret TEXT NOT NULL DEFAULT '';
-- The newest of `runs`.
ALTER TABLE instance ADD COLUMN run TEXT NOT NULL DEFAULT '';
-- No time was given out that is later than this, in milliseconds.
ALTER TABLE instance ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;

-- Each time that a server opened the database, the newest thousand. What a client was told in a run
-- lies before the next one began, unless the database was put back in between.
CREATE TABLE runs (
    number INTEGER NOT NULL PRIMARY KEY,
    -- Random: a run that was undone has a name that no other gets.
    name TEXT NOT NULL UNIQUE,
    -- instance.wm when it began.
    wm INTEGER NOT NULL
) STRICT;
