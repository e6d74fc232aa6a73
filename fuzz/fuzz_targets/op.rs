//! Request bodies that clients send.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_protocol::fuzz::op(bytes));
