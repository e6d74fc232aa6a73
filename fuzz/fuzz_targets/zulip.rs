//! Messages of an export of Zulip.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_server::fuzz::export(parlour_server::import::Format::Zulip, bytes);
});
