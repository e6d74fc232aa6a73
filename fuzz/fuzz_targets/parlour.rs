//! A file of messages as Parlour's app exports it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_server::fuzz::export(parlour_server::import::Format::Parlour, bytes);
});
