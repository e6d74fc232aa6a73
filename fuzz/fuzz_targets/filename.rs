//! Names of files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_protocol::fuzz::file_name(&String::from_utf8_lossy(bytes));
});
