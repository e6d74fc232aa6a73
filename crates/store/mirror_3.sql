-- Mirror 2 to 3. Terms are derived from a text in another way (crates/store/src/index/fold.rs): the program
-- rebuilds the index in the background.
UPDATE mirror SET merged = -1;
