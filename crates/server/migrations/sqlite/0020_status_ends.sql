-- A status ends between 1970 and the end of the year 9999, so that every app can show when; earlier versions accepted
-- any number.
UPDATE profiles SET status_until = min(max(status_until, 0), 253402300799999)
    WHERE status_until NOT BETWEEN 0 AND 253402300799999;
-- And a time until which a conversation is muted is one that a date can be.
UPDATE conversation_members SET muted_until = min(max(muted_until, -8640000000000000), 8640000000000000)
    WHERE muted_until NOT BETWEEN -8640000000000000 AND 8640000000000000;
