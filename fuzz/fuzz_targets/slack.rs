//! A day of a conversation of Slack.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_server::fuzz::export(parlour_server::import::Format::Slack, bytes);
});
