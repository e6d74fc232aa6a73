//! What somebody says.
#![no_main]

use std::sync::Once;

static ONCE: Once = Once::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The parser's own panics are caught, and not looked for here; one of ours still ends the run.
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    parlour_markup::fuzz::markup(bytes);
});
