-- Texts by which rows are found are compared byte by byte, as SQLite does, and not by the rules of a
-- language: those change with the system's C library (or ICU), and an index that was made under other
-- rules then finds nothing, or the same name twice. What is indexed is indexed anew here. A test fails on
-- an index with another collation.

ALTER TABLE users
    ALTER COLUMN username TYPE VARCHAR(50) COLLATE "C",
    ALTER COLUMN username_key TYPE TEXT COLLATE "C",
    ALTER COLUMN username_looks TYPE TEXT COLLATE "C",
    ALTER COLUMN role TYPE TEXT COLLATE "C";
ALTER TABLE sessions ALTER COLUMN token TYPE TEXT COLLATE "C";
ALTER TABLE conversations ALTER COLUMN type TYPE TEXT COLLATE "C";
ALTER TABLE reactions ALTER COLUMN emoji TYPE TEXT COLLATE "C";
ALTER TABLE settings ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE invitations ALTER COLUMN token TYPE TEXT COLLATE "C";
ALTER TABLE streams ALTER COLUMN kind TYPE TEXT COLLATE "C";
ALTER TABLE imports ALTER COLUMN source TYPE TEXT COLLATE "C";
ALTER TABLE runs ALTER COLUMN name TYPE TEXT COLLATE "C";
