//! `key.json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::key_file(bytes));
