//! Merging the drafts of two devices.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_server::fuzz::draft(bytes));
