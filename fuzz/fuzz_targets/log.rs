//! One day of a channel's log.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_server::fuzz::log(bytes));
