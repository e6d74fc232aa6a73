-- Mirror 2 to 3. The same text makes other terms (crates/store/src/index/fold.rs): the index is to be built
-- anew, which is done in the background.
UPDATE mirror SET merged = -1;
