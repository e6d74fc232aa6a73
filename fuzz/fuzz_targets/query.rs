//! Query strings, and the header that a proxy sets.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_server::fuzz::query(bytes));
