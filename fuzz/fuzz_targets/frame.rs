//! What either end of the socket says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_protocol::fuzz::frame(bytes));
