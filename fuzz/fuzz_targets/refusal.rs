//! What says no: a server, or what stands before it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::refusal(bytes));
