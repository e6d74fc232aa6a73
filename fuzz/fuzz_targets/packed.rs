//! The stored form of a text in the mirror.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::packed(bytes));
