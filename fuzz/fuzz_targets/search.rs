//! What somebody types into the search, and what it is looked for in.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::search(bytes));
