//! A server's address, or an invitation's link.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::address(bytes));
