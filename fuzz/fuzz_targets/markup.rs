//! The text of a message.
#![no_main]

use std::sync::Once;

static ONCE: Once = Once::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The parser's own panics are caught, and this target does not search for them. A panic of our
    // code still ends the run.
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    parlour_markup::fuzz::markup(bytes);
});
