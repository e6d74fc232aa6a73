//! What somebody says: whatever it is, it is shown, and no link in it can run anything.
#![no_main]

use std::sync::Once;

static ONCE: Once = Once::new();

libfuzzer_sys::fuzz_target!(|body: &str| {
    // The parser's own panics are caught, and not looked for here; one of ours still ends the run.
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    if let Some(blocks) = parlour_markup::parse(body) {
        let tree = serde_json::to_string(&blocks).expect("a tree is plain data");
        assert!(!tree.contains("\"url\":\"javascript:"), "{body:?}");
    }
    let _ = parlour_markup::plain(body);
});
