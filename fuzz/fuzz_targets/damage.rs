//! Files that a disk, or somebody, changed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parlour_store::fuzz::damage(bytes));
