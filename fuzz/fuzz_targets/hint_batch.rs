//! A batch of hints on the bus between servers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_server::fuzz::hint_batch(bytes));
