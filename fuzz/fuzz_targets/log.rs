//! A day of a channel's log: every line is a message, a notice or odd; nothing is lost silently.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let day = parlour_server::import::irc::read(bytes);
    for said in &day.messages {
        assert!((0..24 * 60).contains(&said.minute));
    }
});
