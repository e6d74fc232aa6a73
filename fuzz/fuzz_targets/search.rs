//! Search queries, and the texts that are searched.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::search(bytes));
