//! Headers of pictures.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_protocol::fuzz::picture(bytes));
