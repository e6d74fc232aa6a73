//! What a server answers, which may be any server.
#![no_main]

use parlour_protocol::{Bootstrap, ErrorBody, Heads, History, OpDone, Page};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = serde_json::from_slice::<Page>(bytes);
    let _ = serde_json::from_slice::<Bootstrap>(bytes);
    let _ = serde_json::from_slice::<History>(bytes);
    let _ = serde_json::from_slice::<Heads>(bytes);
    let _ = serde_json::from_slice::<OpDone>(bytes);
    let _ = serde_json::from_slice::<ErrorBody>(bytes);
});
