//! Usernames, passwords, and addresses of databases.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_server::fuzz::names(bytes));
