//! A server's address, or the link of an invitation.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::address(bytes));
