-- Mirror 3 to 4. What the server vouches for its watermark with is kept.
ALTER TABLE mirror ADD COLUMN proof TEXT NOT NULL DEFAULT '';
