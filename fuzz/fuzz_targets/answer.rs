//! Responses of a server, which may be any server.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_protocol::fuzz::answer(bytes));
