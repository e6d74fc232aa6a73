//! Files that were damaged by the disk or changed by somebody.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::damage(bytes));
