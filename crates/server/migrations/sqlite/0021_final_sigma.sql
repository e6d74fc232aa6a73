-- The form in which usernames are compared has one small sigma: σ for ς, too, since a capital letter can stand for
-- either. Users with a ς get theirs at the next start, which gives another name to the newer of two with the same one.
UPDATE users SET username_key = NULL WHERE username_key LIKE '%ς%';
