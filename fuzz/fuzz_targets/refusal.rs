//! Refusals by a server, or by a proxy in front of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_client::fuzz::refusal(bytes));
