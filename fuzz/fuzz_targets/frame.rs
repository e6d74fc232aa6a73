//! Frames that either end of the socket sends.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_protocol::fuzz::frame(bytes));
