-- Mirror 3 to 4. Adds the server's proof of its watermark.
ALTER TABLE mirror ADD COLUMN proof TEXT NOT NULL DEFAULT '';
