//! A link of the scheme `parlour:`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::app_link(bytes));
