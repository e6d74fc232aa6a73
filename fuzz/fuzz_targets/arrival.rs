//! Responses of a server, applied to the mirror.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::arrival(bytes));
