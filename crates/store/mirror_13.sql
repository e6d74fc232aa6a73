-- Mirror 12 to 13. A new message is inserted into the index with it, no longer by a trigger.
DROP TRIGGER messages_inserted;
