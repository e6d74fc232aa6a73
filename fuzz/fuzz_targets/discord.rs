//! A channel by DiscordChatExporter.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    parlour_server::fuzz::export(parlour_server::import::Format::Discord, bytes);
});
