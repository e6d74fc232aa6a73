//! Lines of a bulk export of Mattermost.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_server::fuzz::export(parlour_server::import::Format::Mattermost, bytes);
});
