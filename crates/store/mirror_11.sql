-- Mirror 10 to 11. The files of messages. Messages with files that an earlier version stored without them are noticed
-- when the mirror is compared with the server, and fetched again.
ALTER TABLE messages ADD COLUMN files TEXT;
